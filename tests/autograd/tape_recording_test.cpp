// What a tape records, and what it does not.
#include <boost/test/unit_test.hpp>
#include <optional>
#include <string>
#include <vector>

#include "autograd/errors.hpp"
#include "autograd/ops.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/autograd/sample_ops.hpp"
#include "tests/datasets/expect_error.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

using Names = std::vector<std::string>;

Names recorded(const Tape& tape) {
    Names names;
    for (const TapeNode& node : tape.nodes()) names.push_back(node.op->name);
    return names;
}

Tensor two() { return tensor({}, {2}); }

// How many blocks a chain of `length` ops asks of a new backend; each element takes 8 KB.
std::uint64_t blocks_of_a_chain(int length, bool with_tape, bool watched) {
    const BackendPtr backend = open_backend("reference");
    const Tensor x = full(backend, {1000}, 0.5, DType::f64);
    const std::uint64_t before = backend->plugin_allocations();
    std::optional<Tape> tape;
    if (with_tape) tape.emplace();
    if (watched) tape->watch(x);
    Tensor y = x;
    for (int i = 0; i < length; ++i) y = tanh(y);
    return backend->plugin_allocations() - before;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(autograd_tape_recording)

BOOST_AUTO_TEST_CASE(ops_on_a_watched_tensor_are_recorded_in_order) {
    const Tensor x = two();
    Tape tape;
    tape.watch(x);
    exp(x * x);
    BOOST_TEST(recorded(tape) == (Names{"mul", "exp"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(op_without_a_tracked_input_is_not_recorded) {
    const Tensor x = two(), constant = two();
    Tape tape;
    tape.watch(x);
    const Tensor y = constant * constant;
    BOOST_TEST(!tape.tracks(y));
    BOOST_TEST(recorded(tape).empty());
    BOOST_TEST(tape.tracks(y + x));
    BOOST_TEST(recorded(tape) == Names{"add"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(all_live_tapes_record) {
    const Tensor x = two();
    Tape outer, inner;
    outer.watch(x);
    inner.watch(x);
    const Tensor y = exp(x);
    BOOST_TEST(outer.tracks(y));
    BOOST_TEST(inner.tracks(y));
    BOOST_TEST(recorded(outer) == Names{"exp"}, boost::test_tools::per_element());
    BOOST_TEST(recorded(inner) == Names{"exp"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(tape_records_only_what_it_tracks_itself) {
    const Tensor x = two(), y = two();
    Tape outer, inner;
    outer.watch(x);
    inner.watch(y);
    exp(x);
    log(y);
    x* y;
    BOOST_TEST(recorded(outer) == (Names{"exp", "mul"}), boost::test_tools::per_element());
    BOOST_TEST(recorded(inner) == (Names{"log", "mul"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(parameter_is_watched_by_every_tape) {
    const Tensor weight = parameter(two());
    Tape outer, inner;
    exp(weight);
    BOOST_TEST(recorded(outer) == Names{"exp"}, boost::test_tools::per_element());
    BOOST_TEST(recorded(inner) == Names{"exp"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(other_tensor_is_a_constant_until_it_is_watched) {
    const Tensor x = two();
    Tape tape;
    const Tensor before = x * x;
    tape.watch(x);
    const Tensor after = x * x;
    BOOST_TEST(!tape.tracks(before));
    BOOST_TEST(approximately(tape.gradient(before * after, {x})[0], {}, {4 * 4}));
}

BOOST_AUTO_TEST_CASE(copy_of_a_watched_tensor_is_watched_and_equal_contents_are_not) {
    const Tensor x = two(), copy = x, other = two();
    Tape tape;
    tape.watch(x);
    BOOST_TEST(tape.tracks(copy));
    BOOST_TEST(!tape.tracks(other));
    BOOST_TEST(!tape.tracks(x.detach()));
}

BOOST_AUTO_TEST_CASE(watching_twice_is_watching_once) {
    const Tensor x = two();
    Tape tape;
    tape.watch(x);
    const Tensor y = x * x;
    tape.watch(x);
    tape.watch(y);
    BOOST_TEST(approximately(tape.gradient(y * x, {x})[0], {}, {3 * 4}));
}

BOOST_AUTO_TEST_CASE(no_tape_suspends_recording_while_it_lives) {
    const Tensor x = two();
    Tape tape;
    tape.watch(x);
    {
        const NoTape no_tape;
        BOOST_TEST(!tape.tracks(exp(x)));
        const NoTape nested;
        exp(x);
    }
    BOOST_TEST(recorded(tape).empty());
    BOOST_TEST(tape.tracks(exp(x)));
}

BOOST_AUTO_TEST_CASE(tape_made_under_no_tape_records) {
    const Tensor x = two();
    Tape suspended;
    suspended.watch(x);
    const NoTape no_tape;
    Tape tape;
    tape.watch(x);
    exp(x);
    BOOST_TEST(recorded(suspended).empty());
    BOOST_TEST(recorded(tape) == Names{"exp"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(no_tape_spares_younger_tapes_when_an_older_one_ends) {
    const Tensor x = two();
    std::optional<Tape> older(std::in_place);
    const NoTape no_tape;
    older.reset();
    Tape tape;
    tape.watch(x);
    exp(x);
    BOOST_TEST(recorded(tape) == Names{"exp"}, boost::test_tools::per_element());
    {
        const NoTape nested;
        exp(x);
    }
    exp(x);
    BOOST_TEST(recorded(tape) == (Names{"exp", "exp"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(without_a_tape_nothing_is_saved) {
    BOOST_TEST(blocks_of_a_chain(50, false, false) == 2u);
    BOOST_TEST(blocks_of_a_chain(50, true, false) == 2u);
    BOOST_TEST(blocks_of_a_chain(50, true, true) == 50u, "the comparison above proves nothing");
}

BOOST_AUTO_TEST_CASE(memory_of_a_tape_comes_back_when_it_ends) {
    const BackendPtr backend = open_backend("reference");
    const Tensor x = parameter(full(backend, {1000}, 0.5, DType::f64));
    const auto chain = [&] {
        const Tape tape;
        Tensor y = x;
        for (int i = 0; i < 50; ++i) y = tanh(y);
    };
    chain();
    const std::uint64_t after_first = backend->plugin_allocations();
    chain();
    BOOST_TEST(backend->plugin_allocations() == after_first);
}

BOOST_AUTO_TEST_CASE(only_what_the_op_saves_is_kept) {
    const Tensor x = tensor({3}, {1, 2, 3}), y = tensor({3}, {4, 5, 6});
    Tape tape;
    tape.watch(x);
    exp(x);
    log(x);
    x + y;
    BOOST_TEST(!tape.nodes()[0].inputs[0].saved.defined());
    BOOST_TEST(tape.nodes()[0].outputs[0].saved.defined());
    BOOST_TEST(tape.nodes()[1].inputs[0].saved.same(x));
    BOOST_TEST(!tape.nodes()[1].outputs[0].saved.defined());
    BOOST_TEST(!tape.nodes()[2].inputs[0].saved.defined());
    BOOST_TEST(!tape.nodes()[2].inputs[1].saved.defined());
}

BOOST_AUTO_TEST_CASE(ops_without_a_gradient_are_not_recorded) {
    const Tensor x = two();
    Tape tape;
    tape.watch(x);
    BOOST_TEST(!tape.tracks(greater(x, x)));
    BOOST_TEST(!tape.tracks(where(x, two(), two())), "no gradient flows to a condition");
    BOOST_TEST(recorded(tape).empty());
}

BOOST_AUTO_TEST_CASE(integers_are_not_tracked) {
    const Tensor x = two();
    Tape tape;
    tape.watch(x);
    BOOST_TEST(!tape.tracks(cast(x, DType::i32)));
    const Tensor integers = tensor({2}, {1, 2}, DType::i32);
    expect_error<TypeError>([&] { tape.watch(integers); }, {"watch", "f32 or f64", "i32", "cast it first"});
    expect_error<TypeError>([&] { parameter(integers); }, {"parameter", "f32 or f64", "i32", "cast it first"});
}

BOOST_AUTO_TEST_CASE(undefined_tensor_is_refused) {
    Tape tape;
    expect_error<TypeError>([&] { tape.watch(Tensor()); }, {"undefined"});
    expect_error<TypeError>([&] { tape.tracks(Tensor()); }, {"undefined"});
}

BOOST_AUTO_TEST_CASE(optimizer_step_stands_on_no_tape) {
    const Tensor weight = parameter(two()), velocity = tensor({}, {0});
    Tape tape;
    sgd_step(std::vector{SgdTensors{weight, velocity, tensor({}, {1})}}, tensor({}, {0.5}), 0, 0);
    assign(weight, tensor({}, {7}));
    BOOST_TEST(recorded(tape).empty());
    BOOST_TEST(!tape.tracks(velocity));
}

BOOST_AUTO_TEST_CASE(op_is_one_node_whether_composed_or_native) {
    const Tensor x = two();
    Tape tape;
    tape.watch(x);
    sigmoid(x);
    exp(x);
    BOOST_TEST(recorded(tape) == (Names{"sigmoid", "exp"}), boost::test_tools::per_element());
    BOOST_TEST(!tape.nodes()[0].native, "the reference backend has no kernel sigmoid");
    BOOST_TEST(tape.nodes()[1].native);
}

BOOST_AUTO_TEST_CASE(op_that_returns_its_input_makes_a_new_value) {
    const OpDef identity = {.name = "test_identity",
                            .infer = infer_same,
                            .run = [](auto in, const Attributes&, const TensorSpecs&) -> Tensors { return {in[0]}; },
                            .vjp = per_input({[](const VjpCall& call) { return call.gradient(); }})};
    const Tensor x = two();
    Tape tape;
    tape.watch(x);
    const Tensor y = apply_to(identity, x);
    BOOST_TEST(!y.same(x));
    BOOST_TEST(y.array().data != x.array().data);
    const std::vector<Tensor> gradients = tape.gradient(y * x * x, {x, y});
    BOOST_TEST(approximately(gradients[0], {}, {3 * 4}));
    BOOST_TEST(approximately(gradients[1], {}, {4}));
}

BOOST_AUTO_TEST_CASE(tapes_may_end_in_any_order) {
    const Tensor x = two();
    std::optional<Tape> first(std::in_place), second(std::in_place), third(std::in_place);
    for (auto* tape : {&*first, &*second, &*third}) tape->watch(x);
    const Tensor y = x * x;
    second.reset();
    const Tensor z = y * x;
    first.reset();
    BOOST_TEST(approximately(third->gradient(z, {x})[0], {}, {3 * 4}));
}

BOOST_AUTO_TEST_CASE(tensor_that_outlives_its_tape_is_a_constant_for_later_tapes) {
    const Tensor weight = parameter(two());
    Tensor y;
    {
        Tape tape;
        y = weight * weight;
        BOOST_TEST(tape.tracks(y));
    }
    Tape tape;
    BOOST_TEST(!tape.tracks(y));
    BOOST_TEST(approximately(tape.gradient(y * weight, {weight})[0], {}, {4}));
    Tape watching;
    watching.watch(y);
    BOOST_TEST(approximately(watching.gradient(y * y, {y})[0], {}, {2 * 4}));
}

BOOST_AUTO_TEST_CASE(auxiliary_outputs_are_not_tracked) {
    OpDef op = product_and_sum_op();
    op.auxiliary_outputs = 1;
    const Tensor x = two();
    Tape tape;
    tape.watch(x);
    const Tensors product_and_sum = apply(op, Tensors{x, x});
    BOOST_TEST(tape.tracks(product_and_sum[0]));
    BOOST_TEST(!tape.tracks(product_and_sum[1]));
}

BOOST_AUTO_TEST_SUITE_END()
