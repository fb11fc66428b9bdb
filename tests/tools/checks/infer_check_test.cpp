// `infer` of every op keeps its word; and proof that one which does not is found.
#include "tools/checks/infer_check.hpp"

#include <boost/test/unit_test.hpp>

#include "autograd/errors.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/infer.hpp"
#include "autograd/ops/segment.hpp"
#include "autograd/ops/shape_ops.hpp"
#include "autograd/samples.hpp"
#include "tests/autograd/approximately.hpp"
#include "tools/checks/altered_calls.hpp"

namespace tapegrad::testing {
namespace {

TensorSpecs accept_everything(const InferCall& call) { return {call.spec(0)}; }

std::vector<Sample> two_rows(SampleSource& s) { return {{{s.normal({2, 3})}, {}}}; }

OpDef doubled(Infer infer, Compose compose) {
    return {.name = "test_doubled",
            .inputs = {"x"},
            .infer = std::move(infer),
            .compose = std::move(compose),
            .samples = two_rows};
}

Tensors twice(std::span<const Tensor> in, const Attributes&) { return {in[0] * 2.0}; }

/// Some fault of the op holds all parts.
void expect_fault(const OpDef& op, std::initializer_list<std::string> parts) {
    const InferReport report = check_infer(op, reference());
    const bool found = std::ranges::any_of(report.faults, [&](const std::string& fault) {
        return std::ranges::all_of(parts, [&](const std::string& part) { return fault.find(part) != fault.npos; });
    });
    BOOST_TEST(found, op.name << ": none of " << report.faults.size() << " faults holds '" << *parts.begin()
                              << "' and the rest; the first is "
                              << (report.faults.empty() ? "missing" : report.faults.front()));
}

BOOST_AUTO_TEST_SUITE(tools_checks_infer)

BOOST_AUTO_TEST_CASE(infer_of_every_op_refuses_or_promises_what_the_op_gives) {
    for (const OpDef& op : all_ops()) {
        const InferReport report = check_infer(op, reference());
        for (const std::string& fault : report.faults) BOOST_ERROR(op.name << ": " << fault);
        BOOST_TEST(report.refused > 0u, op.name);
    }
}

BOOST_AUTO_TEST_CASE(altered_calls_change_one_thing_each) {
    SampleSource source(reference(), DType::f64);
    const OpDef& op = find_op("softmax");
    const Sample sample{{source.normal({2, 3})}, {{"axis", std::int64_t{1}}}};
    std::vector<std::string> changes;
    for (const AlteredCall& call : altered_calls(op, sample)) {
        changes.push_back(call.change);
        BOOST_TEST(call.in_range);
    }
    const std::vector<std::string> wanted = {"with x f64 [1, 2, 3] instead of f64 [2, 3]",
                                             "with x f64 [2, 3, 1] instead of f64 [2, 3]",
                                             "with x f64 [3] instead of f64 [2, 3]",
                                             "with x f64 [2] instead of f64 [2, 3]",
                                             "with x f64 [3, 3] instead of f64 [2, 3]",
                                             "with x f64 [1, 3] instead of f64 [2, 3]",
                                             "with x f64 [2, 4] instead of f64 [2, 3]",
                                             "with x f64 [2, 2] instead of f64 [2, 3]",
                                             "with x f32 [2, 3] instead of f64 [2, 3]",
                                             "with x i32 [2, 3] instead of f64 [2, 3]",
                                             "without x",
                                             "with one input more",
                                             "with axis=2 instead of 1",
                                             "with axis=0 instead of 1",
                                             "with axis=7 instead of 1",
                                             "with axis=-8 instead of 1",
                                             "with axis=1 instead of 1",
                                             "with axis=[1] instead of 1",
                                             "without axis"};
    BOOST_TEST(changes == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(integers_of_altered_calls_are_zero_and_need_something_to_stand_for) {
    SampleSource source(reference(), DType::f64);
    const Grouping g = source.grouping(7, 3);
    const Sample sample{{source.normal({3}), g.index, g.order, g.offsets}, {}};
    for (const AlteredCall& call : altered_calls(find_op("gather"), sample))
        for (const Tensor& x : call.inputs)
            if (x.dtype() == DType::i32)
                BOOST_TEST(std::ranges::all_of(x.values<std::int32_t>(), [](std::int32_t i) { return i == 0; }));
    const Grouping one = source.grouping(2, 1);
    const Sample small{{source.normal({1}), one.index, one.order, one.offsets}, {}};
    for (const AlteredCall& call : altered_calls(find_op("gather"), small))
        BOOST_TEST(call.in_range == (call.change != "with x f64 [0] instead of f64 [1]"), call.change);
}

BOOST_AUTO_TEST_CASE(an_infer_that_accepts_another_dtype_is_found) {
    expect_fault(doubled(accept_everything, twice), {"sample 0 with x i32 [2, 3] instead of f64 [2, 3]",
                                                     "infer accepts it, but the composition fails: affine:"});
    BOOST_TEST(check_infer(doubled(infer_same, twice), reference()).faults.empty());
}

BOOST_AUTO_TEST_CASE(an_infer_that_accepts_shapes_that_do_not_fit_is_found) {
    const OpDef op = {.name = "test_added",
                      .inputs = {"a", "b"},
                      .infer = accept_everything,
                      .compose = [](auto in, const Attributes&) -> Tensors { return {in[0] + in[1]}; },
                      .samples = [](SampleSource& s) -> std::vector<Sample> {
                          return {{{s.normal({3}), s.normal({3})}, {}}};
                      }};
    expect_fault(op, {"with a f64 [4] instead of f64 [3]", "the composition fails: add:"});
    expect_fault(op, {"with b f64 [1, 3] instead of f64 [3]", "promises f64 [3] as output 0", "gives f64 [1, 3]"});
}

BOOST_AUTO_TEST_CASE(an_infer_that_does_not_look_at_an_attribute_is_found) {
    const OpDef op = {.name = "test_row",
                      .inputs = {"x"},
                      .attributes = {{"row", std::int64_t{0}}},
                      .infer = [](const InferCall& call) -> TensorSpecs {
                          if (call.shape(0).rank() != 2) throw ShapeError(call.op, "a matrix", "none", "reshape it");
                          return {{{1, call.shape(0)[1]}, call.dtype(0)}};
                      },
                      .compose = [](auto in, const Attributes& a) -> Tensors {
                          return {narrow(in[0], 0, a.integer("row"), a.integer("row") + 1)};
                      },
                      .samples = [](SampleSource& s) -> std::vector<Sample> {
                          return {{{s.normal({2, 3})}, {{"row", std::int64_t{1}}}}};
                      }};
    expect_fault(op, {"with row=7 instead of 1", "the composition fails: slice:"});
}

BOOST_AUTO_TEST_CASE(an_infer_that_does_not_look_at_a_grouping_is_found_without_reading_out_of_range) {
    OpDef op = find_op("scatter_mean");
    op.name = "test_scattered";
    op.infer = [](const InferCall& call) -> TensorSpecs {
        common_float(call, 0, 0);
        Shape shape = call.shape(0);
        shape[0] = call.shape(3)[0] - 1;
        return {{shape, call.dtype(0)}};
    };
    expect_fault(op, {"with x f64 [6] instead of f64 [7]", "the composition fails: scatter_sum:"});
    expect_fault(op, {"with index i32 [8] instead of i32 [7]", "the composition fails: scatter_sum:"});
}

BOOST_AUTO_TEST_CASE(an_infer_that_promises_another_shape_dtype_or_number_is_found_on_the_sample) {
    expect_fault(doubled(infer_same, [](auto in, const Attributes&) -> Tensors { return {sum(in[0])}; }),
                 {"sample 0 (x f64 [2, 3])", "promises f64 [2, 3] as output 0, the composition gives f64 []"});
    expect_fault(
        doubled(infer_same, [](auto in, const Attributes&) -> Tensors { return {cast(in[0] * 2.0, DType::f32)}; }),
        {"sample 0 (x f64 [2, 3])", "the composition gives f32 [2, 3]"});
    expect_fault(
        doubled(infer_same, [](auto in, const Attributes&) -> Tensors { return {cast(in[0] * 2.0, DType::f64)}; }),
        {"sample 0 (x f32 [2, 3])", "the composition gives f64 [2, 3]"});
    expect_fault(doubled(infer_same,
                         [](auto in, const Attributes&) -> Tensors {
                             return {in[0], in[0]};
                         }),
                 {"promises 1 outputs, the composition gives 2"});
    expect_fault(doubled(infer_same, [](auto, const Attributes&) -> Tensors { return {Tensor()}; }),
                 {"the composition gives an undefined tensor"});
}

BOOST_AUTO_TEST_CASE(an_error_that_names_somebody_else_is_a_fault) {
    const Infer undeclared = [](const InferCall& call) -> TensorSpecs {
        return {{call.attributes.dims("shape"), call.dtype(0)}};
    };
    expect_fault(doubled(undeclared, twice), {"sample 0 (x f64 [2, 3])", "does not name the op: attributes: expected"});
    const Infer strict = [](const InferCall& call) {
        if (call.shape(0).rank() != 2) throw ShapeError("matrix", "two axes", "others", "reshape it");
        return infer_same(call);
    };
    expect_fault(doubled(strict, twice), {"with x f64 [3] instead of f64 [2, 3]",
                                          "infer's error does not name the op: matrix: expected two axes"});
    const Infer foreign = [](const InferCall& call) {
        if (call.shape(0).rank() != 2) throw std::out_of_range("axis");
        return infer_same(call);
    };
    expect_fault(doubled(foreign, twice), {"infer's error is no ShapeError, TypeError or IndexError: axis"});
}

BOOST_AUTO_TEST_CASE(a_sample_that_is_refused_is_a_fault) {
    OpDef op = doubled(infer_same, twice);
    op.samples = [](SampleSource& s) -> std::vector<Sample> { return {{{s.integers({3}, 2)}, {}}}; };
    expect_fault(op, {"sample 0 (x i32 [3])", "it is refused: test_doubled: expected inputs of one dtype"});
    op.samples = [](SampleSource& s) -> std::vector<Sample> { return {{{s.normal({3})}, {{"scale", 1.0}}}}; };
    expect_fault(op, {"sample 0 (x f64 [3], scale=1)", "the attributes none", "scale (real)"});
}

BOOST_AUTO_TEST_CASE(outputs_of_an_update_op_are_like_what_they_overwrite) {
    OpDef op = {.name = "test_step",
                .inputs = {"w", "change"},
                .infer = infer_broadcast,
                .compose = [](auto in, const Attributes&) -> Tensors { return {in[0] + in[1]}; },
                .samples = [](SampleSource& s) -> std::vector<Sample> {
                    return {{{s.normal({3}), s.normal({3})}, {}}};
                },
                .non_differentiable = "an update",
                .updates = true};
    expect_fault(op, {"with change f64 [1, 3] instead of f64 [3]",
                      "promises f64 [1, 3] as output 0, which overwrites w f64 [3]"});
    op.infer = [](const InferCall& call) -> TensorSpecs {
        if (call.shape(0) != call.shape(1)) throw ShapeError(call.op, "equal shapes", "others", "reshape one of them");
        return infer_broadcast(call);
    };
    const InferReport report = check_infer(op, reference());
    BOOST_TEST(report.faults.empty());
    BOOST_TEST(report.refused > 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
