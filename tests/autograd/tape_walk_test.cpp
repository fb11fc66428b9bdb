// How a tape walks back: which vjps run, what they are told, and when memory is let go.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "autograd/errors.hpp"
#include "autograd/ops.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/autograd/sample_ops.hpp"
#include "tests/datasets/expect_error.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

Tensor scalar(double value) { return tensor({}, {value}); }

// a * b, with a vjp that notes which inputs it was asked for.
struct WatchedProduct {
    std::vector<bool> asked_for_a, asked_for_b;
    int computed_for_a = 0, computed_for_b = 0;

    OpDef told() {
        return {.name = "test_told",
                .infer = infer_broadcast,
                .compose = [](auto in, const Attributes&) -> Tensors { return {in[0] * in[1]}; },
                .vjp = [this](const VjpCall& call) -> Tensors {
                    asked_for_a.push_back(call.needs(0));
                    asked_for_b.push_back(call.needs(1));
                    return {call.gradient() * call.input(1), call.gradient() * call.input(0)};
                },
                .saves = {.inputs = {0, 1}}};
    }
    OpDef by_input() {
        return {.name = "test_by_input",
                .infer = infer_broadcast,
                .compose = [](auto in, const Attributes&) -> Tensors { return {in[0] * in[1]}; },
                .vjp = per_input({[this](const VjpCall& call) {
                                      ++computed_for_a;
                                      return call.gradient() * call.input(1);
                                  },
                                  [this](const VjpCall& call) {
                                      ++computed_for_b;
                                      return call.gradient() * call.input(0);
                                  }}),
                .saves = {.inputs = {0, 1}}};
    }
};

using Flags = std::vector<bool>;

}  // namespace

BOOST_AUTO_TEST_SUITE(autograd_tape_walk)

BOOST_AUTO_TEST_CASE(backward_visits_only_nodes_that_a_gradient_reached) {
    int visits = 0;
    const OpDef square = square_op([&](const VjpCall&) { ++visits; });
    const Tensor x = scalar(2);
    Tape tape;
    tape.watch(x);
    const Tensor first = apply_to(square, x), second = apply_to(square, first);
    Tensor aside = first;
    for (int i = 0; i < 10; ++i) aside = apply_to(square, aside);
    BOOST_TEST(tape.nodes().size() == 12u);
    BOOST_TEST(approximately(tape.gradient(second, {x})[0], {}, {4 * 8}));
    BOOST_TEST(visits == 2);
}

BOOST_AUTO_TEST_CASE(nodes_that_lead_to_nothing_wanted_are_not_visited) {
    int visits = 0;
    const OpDef square = square_op([&](const VjpCall&) { ++visits; });
    const Tensor x = scalar(2), y = scalar(3);
    Tape tape;
    tape.watch(x);
    tape.watch(y);
    const Tensor loss = apply_to(square, x) * apply_to(square, apply_to(square, y));
    BOOST_TEST(approximately(tape.gradient(loss, {x})[0], {}, {4 * 81}));
    BOOST_TEST(visits == 1);
    Tape other;
    other.watch(x);
    other.watch(y);
    BOOST_TEST(approximately(other.gradient(apply_to(square, y), {x})[0], {}, {0}));
    BOOST_TEST(visits == 1);
}

BOOST_AUTO_TEST_CASE(each_node_is_visited_once_however_often_its_result_is_used) {
    int visits = 0;
    const OpDef square = square_op([&](const VjpCall&) { ++visits; });
    const Tensor x = scalar(2);
    Tape tape;
    tape.watch(x);
    Tensor y = apply_to(square, x);
    for (int i = 0; i < 20; ++i) y = y + y;  // 2^20 paths
    BOOST_TEST(approximately(tape.gradient(y, {x})[0], {}, {4.0 * (1 << 20)}));
    BOOST_TEST(visits == 1);
}

BOOST_AUTO_TEST_CASE(vjp_is_told_which_inputs_need_a_gradient) {
    WatchedProduct product;
    const OpDef op = product.told();
    const Tensor x = scalar(2), y = scalar(3), constant = scalar(5);
    const auto gradient = [&](const Tensor& a, const Tensor& b, std::initializer_list<Tensor> wrt) {
        Tape tape;
        tape.watch(x);
        tape.watch(y);
        return tape.gradient(apply_one(op, {a, b}), wrt);
    };
    BOOST_TEST(approximately(gradient(x, constant, {x})[0], {}, {5}));
    BOOST_TEST(approximately(gradient(constant, y, {y})[0], {}, {5}));
    BOOST_TEST(approximately(gradient(x, y, {x})[0], {}, {3}), "y is watched, but was not asked for");
    BOOST_TEST(approximately(gradient(x, y, {x, y})[1], {}, {2}));
    BOOST_TEST(product.asked_for_a == (Flags{true, false, true, true}), boost::test_tools::per_element());
    BOOST_TEST(product.asked_for_b == (Flags{false, true, false, true}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(vjp_by_input_computes_only_what_is_needed) {
    WatchedProduct product;
    const OpDef op = product.by_input();
    const Tensor x = scalar(2), constant = scalar(5);
    Tape tape;
    tape.watch(x);
    BOOST_TEST(approximately(tape.gradient(apply_one(op, {x, constant}), {x})[0], {}, {5}));
    BOOST_TEST(product.computed_for_a == 1);
    BOOST_TEST(product.computed_for_b == 0);
}

BOOST_AUTO_TEST_CASE(vjp_sees_zeros_for_an_output_that_no_gradient_reached) {
    OpDef op = product_and_sum_op();
    bool has_first = true, has_second = false;
    Tensor first, second;
    op.vjp = [&](const VjpCall& call) -> Tensors {
        has_first = call.has_gradient(0);
        has_second = call.has_gradient(1);
        first = call.gradient(0);
        second = call.gradient(1);
        return {second, second};
    };
    const Tensor x = tensor({2}, {1, 2});
    Tape tape;
    tape.watch(x);
    tape.gradient(sum(apply(op, Tensors{x, x})[1]), {x});
    BOOST_TEST(!has_first);
    BOOST_TEST(has_second);
    BOOST_TEST(approximately(first, {2}, {0, 0}));
    BOOST_TEST(approximately(second, {2}, {1, 1}));
}

BOOST_AUTO_TEST_CASE(vjp_that_looks_at_what_the_op_does_not_save_is_told_so) {
    const Tensor x = scalar(2);
    const auto gradient_with = [&](const Saves& saves, const Vjp& vjp) {
        OpDef op = square_op();
        op.saves = saves;
        op.vjp = vjp;
        Tape tape;
        tape.watch(x);
        return tape.gradient(apply_to(op, x), {x});
    };
    expect_error<TapeError>(
        [&] { gradient_with({.outputs = {0}}, [](const VjpCall& call) -> Tensors { return {call.input(0)}; }); },
        {"test_square", "input 0", "saves"});
    expect_error<TapeError>(
        [&] { gradient_with({.inputs = {0}}, [](const VjpCall& call) -> Tensors { return {call.output(0)}; }); },
        {"test_square", "output 0", "saves"});
}

BOOST_AUTO_TEST_CASE(saved_tensors_are_dropped_right_after_their_vjp_ran) {
    const Tape* walked = nullptr;
    std::vector<Flags> still_saved;  // for each visit, for each node
    const OpDef square = square_op([&](const VjpCall&) {
        still_saved.emplace_back();
        for (const TapeNode& node : walked->nodes()) still_saved.back().push_back(node.inputs[0].saved.defined());
    });
    const Tensor x = scalar(2);
    Tape tape;
    walked = &tape;
    tape.watch(x);
    const Tensor loss = apply_to(square, apply_to(square, apply_to(square, x)));
    tape.gradient(loss, {x});
    BOOST_TEST_REQUIRE(still_saved.size() == 3u);
    BOOST_TEST(still_saved[0] == (Flags{true, true, true}), boost::test_tools::per_element());
    BOOST_TEST(still_saved[1] == (Flags{true, true, false}), boost::test_tools::per_element());
    BOOST_TEST(still_saved[2] == (Flags{true, false, false}), boost::test_tools::per_element());
    BOOST_TEST(!tape.nodes()[0].inputs[0].saved.defined());
}

BOOST_AUTO_TEST_CASE(saved_tensors_of_nodes_that_were_not_visited_are_dropped_too) {
    const Tensor x = scalar(2);
    Tape tape;
    tape.watch(x);
    const Tensor loss = x * x;
    exp(x);
    tape.gradient(loss, {x});
    BOOST_TEST(!tape.nodes()[1].outputs[0].saved.defined());
}

BOOST_AUTO_TEST_CASE(gradients_on_the_way_are_let_go) {
    const BackendPtr backend = open_backend("reference");
    const Tensor x = full(backend, {1000}, 0.5, DType::f64);
    Tape tape;
    tape.watch(x);
    Tensor y = x;
    for (int i = 0; i < 100; ++i) y = -y;  // saves nothing, and its gradient is new memory each time
    const Tensor loss = sum(y);
    const std::uint64_t before = backend->plugin_allocations();
    tape.gradient(loss, {x});
    BOOST_TEST(backend->plugin_allocations() - before < 5u);
}

BOOST_AUTO_TEST_SUITE_END()
