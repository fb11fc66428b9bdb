// Ops that are differentiated through their composition.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "autograd/ops.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/autograd/sample_ops.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

OpDef without_vjp(OpDef op) {
    op.vjp = nullptr;
    op.saves = {};
    return op;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(autograd_composition)

BOOST_AUTO_TEST_CASE(gradient_through_the_composition_equals_the_vjp) {
    const Tensor x = tensor({2, 3}, {-1, 0.5, 2, 3, -0.25, 1}), weights = tensor({2, 3}, {1, -2, 3, 5, 7, -11});
    struct Call {
        const char* op;
        Attributes attributes;
    };
    const std::vector<Call> calls = {
        {"sigmoid", {}}, {"elu", {{"alpha", 0.5}}}, {"softmax", {{"axis", std::int64_t{-1}}}}};
    for (const Call& call : calls) {
        const OpDef &with_vjp = find_op(call.op), composed = without_vjp(with_vjp);
        const auto gradient = [&](const OpDef& op) {
            return gradient_of_sum([&](const Tensor& y) { return apply_one(op, {y}, call.attributes) * weights; }, x);
        };
        BOOST_TEST(approximately(gradient(composed), {2, 3}, gradient(with_vjp).values<double>()), call.op);
    }
}

BOOST_AUTO_TEST_CASE(composition_with_two_outputs) {
    const OpDef op = product_and_sum_op();
    const Tensor a = tensor({}, {2}), b = tensor({}, {3});
    const auto gradients = [&](double of_product, double of_sum) {
        Tape tape;
        tape.watch(a);
        tape.watch(b);
        const Tensors both = apply(op, Tensors{a, b});
        BOOST_TEST(tape.nodes().size() == 1u);
        const std::vector<Tensor> cotangents = {tensor({}, {of_product}), tensor({}, {of_sum})}, wanted = {a, b};
        return tape.pull_back(both, cotangents, wanted);
    };
    BOOST_TEST(approximately(gradients(1, 0)[0], {}, {3}));
    BOOST_TEST(approximately(gradients(10, 100)[0], {}, {130}));
    BOOST_TEST(approximately(gradients(10, 100)[1], {}, {120}));
}

BOOST_AUTO_TEST_CASE(composition_of_which_one_output_is_used) {
    const OpDef op = product_and_sum_op();
    for (const std::size_t used : {0, 1}) {
        const Tensor a = tensor({}, {2}), b = tensor({}, {3});
        Tape tape;
        tape.watch(a);
        BOOST_TEST(approximately(tape.gradient(apply(op, Tensors{a, b})[used], {a})[0], {}, {used == 0 ? 3.0 : 1.0}));
    }
}

BOOST_AUTO_TEST_CASE(output_of_a_composition_that_is_not_used_costs_no_vjp) {
    int visits = 0;
    const OpDef square = square_op([&](const VjpCall&) { ++visits; });
    OpDef op = product_and_sum_op();
    op.compose = [&](auto in, const Attributes&) -> Tensors { return {apply_to(square, in[0]), in[0] + in[1]}; };
    const Tensor x = tensor({}, {3});
    Tape tape;
    tape.watch(x);
    BOOST_TEST(approximately(tape.gradient(apply(op, Tensors{x, x})[1], {x})[0], {}, {2}));
    BOOST_TEST(visits == 0);
}

BOOST_AUTO_TEST_CASE(composition_with_the_same_tensor_twice) {
    const OpDef op = product_and_sum_op();
    const Tensor x = tensor({}, {3});
    Tape tape;
    tape.watch(x);
    const Tensors both = apply(op, Tensors{x, x});
    BOOST_TEST(approximately(tape.gradient(both[0] + both[1], {x})[0], {}, {6 + 2}));
}

BOOST_AUTO_TEST_CASE(composition_undoes_broadcasting) {
    const OpDef op = product_and_sum_op();
    const Tensor a = tensor({2, 2}, {1, 2, 3, 4}), b = tensor({2}, {5, 6});
    Tape tape;
    tape.watch(b);
    BOOST_TEST(approximately(tape.gradient(sum(apply(op, Tensors{a, b})[0]), {b})[0], {2}, {4, 6}));
}

BOOST_AUTO_TEST_CASE(composition_that_returns_its_input) {
    const OpDef op = {.name = "test_composed_identity",
                      .infer = infer_same,
                      .compose = [](auto in, const Attributes&) -> Tensors { return {in[0]}; }};
    const Tensor x = tensor({2}, {3, 4});
    BOOST_TEST(approximately(gradient_of_sum([&](const Tensor& y) { return apply_to(op, y) * y; }, x), {2}, {6, 8}));
}

BOOST_AUTO_TEST_CASE(composition_that_ignores_an_input_gives_it_zeros) {
    const OpDef op = {.name = "test_first",
                      .infer = [](const InferCall& call) -> TensorSpecs { return {call.spec(0)}; },
                      .compose = [](auto in, const Attributes&) -> Tensors { return {in[0] * in[0]}; }};
    const Tensor x = tensor({2}, {3, 4}), ignored = tensor({3}, {1, 2, 3});
    Tape tape;
    tape.watch(x);
    tape.watch(ignored);
    const std::vector<Tensor> gradients = tape.gradient(sum(apply_one(op, {x, ignored})), {x, ignored});
    BOOST_TEST(approximately(gradients[0], {2}, {6, 8}));
    BOOST_TEST(approximately(gradients[1], {3}, {0, 0, 0}));
}

BOOST_AUTO_TEST_CASE(attributes_reach_the_composition) {
    const OpDef op = {.name = "test_scaled",
                      .attributes = {{"scale", 1.0}},
                      .infer = infer_same,
                      .compose = [](auto in, const Attributes& a) -> Tensors { return {in[0] * a.real("scale")}; }};
    const Tensor x = tensor({2}, {3, 4});
    const auto scaled = [&](const Tensor& y) { return apply_one(op, {y}, {{"scale", 2.5}}); };
    BOOST_TEST(approximately(gradient_of_sum(scaled, x), {2}, {2.5, 2.5}));
}

BOOST_AUTO_TEST_SUITE_END()
