// The judgement on an op: a right one passes, and each way to be wrong is told in words.
#include "tools/checks/op_check.hpp"

#include <boost/test/unit_test.hpp>

#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/infer.hpp"
#include "autograd/ops/shape_ops.hpp"
#include "tests/autograd/approximately.hpp"

namespace tapegrad::testing {
namespace {

using Call = const VjpCall&;

// x^2, complete and right.
OpDef square() {
    return {.name = "test_squared",
            .formula = "x * x",
            .inputs = {"x"},
            .shapes = "x [...] -> [...]",
            .infer = infer_same,
            .compose = [](auto in, const Attributes&) -> Tensors { return {in[0] * in[0]}; },
            .vjp = per_input({[](Call c) { return c.gradient() * c.input(0) * 2.0; }}),
            .saves = {.inputs = {0}},
            .samples = [](SampleSource& s) -> std::vector<Sample> {
                return {{{s.normal({})}, {}}, {{s.normal({7})}, {}}};
            }};
}

OpDef square_with(Vjp vjp) {
    OpDef op = square();
    op.vjp = std::move(vjp);
    return op;
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

void expect_fault(const OpDef& op, const std::string& part) {
    const OpJudgement judgement = judge_op(op, reference());
    BOOST_TEST(!judgement.passes());
    BOOST_TEST(holds(summary(judgement, 100), part), "'" << part << "' is not in: " << summary(judgement, 100));
}

BOOST_AUTO_TEST_SUITE(tools_checks_op)

BOOST_AUTO_TEST_CASE(a_right_op_passes_with_a_line_of_figures) {
    const OpJudgement judgement = judge_op(square(), reference());
    BOOST_TEST(judgement.passes(), summary(judgement));
    BOOST_TEST(judgement.samples == 2u);
    BOOST_TEST(judgement.gradients.size() == 2u);
    BOOST_TEST(summary(judgement).starts_with("test_squared: 2 samples, 4 gradients right (worst "),
               summary(judgement));
    BOOST_TEST(holds(summary(judgement), " of 1e-06), 6 bad calls refused, 8 accepted and right\n"),
               summary(judgement));
    BOOST_TEST(holds(gradient_table(judgement), " 1: x f64 [7]"));
    const nlohmann::json json = to_json(judgement);
    BOOST_TEST(json.at("passes") == true);
    BOOST_TEST(json.at("bad_calls_refused") == 6);
    BOOST_TEST(json.at("gradients").at(1).at("call") == "x f64 [7]");
}

BOOST_AUTO_TEST_CASE(a_wrong_gradient_is_a_fault_of_its_sample) {
    const std::string off = "sample 1 (x f64 [7]): the gradient is off by ";
    expect_fault(square_with(per_input({[](Call c) { return c.gradient() * c.input(0); }})), off);
    expect_fault(square_with(per_input({[](Call c) { return c.gradient() * c.input(0).detach() * 2.0; }})), off);
    const OpJudgement second_only = judge_op(
        square_with(per_input({[](Call c) { return c.gradient() * c.input(0).detach() * 2.0; }})), reference());
    for (const GradientError& error : second_only.gradients) {
        BOOST_TEST(error.first_order <= error.tolerance);
        BOOST_TEST(error.second_order > error.tolerance);
    }
    BOOST_TEST(holds(gradient_table(second_only), "FAILED"));
}

BOOST_AUTO_TEST_CASE(a_vjp_of_the_wrong_number_or_shape_or_that_throws_is_told_in_its_own_words) {
    expect_fault(
        square_with([](Call c) -> Tensors {
            return {c.gradient(), c.gradient()};
        }),
        "sample 0 (x f64 []): its gradient: test_squared: expected 1 gradients from its vjp, one an input, got 2");
    expect_fault(square_with(per_input({[](Call c) {
                     return reshape(c.gradient(), {-1, 1});
                 }})),
                 "sample 1 (x f64 [7]): its gradient: test_squared: expected a gradient for input 0");
    expect_fault(square_with(per_input({[](Call c) { return c.gradient() * c.output() * 2.0; }})),
                 "add it to the op's `saves`");
}

BOOST_AUTO_TEST_CASE(an_incomplete_definition_is_told_entry_by_entry) {
    const auto without = [](const auto& edit) {
        OpDef op = square();
        edit(op);
        return op;
    };
    expect_fault(without([](OpDef& op) { op.formula.clear(); }), "it has no formula");
    expect_fault(without([](OpDef& op) { op.shapes.clear(); }), "it has no line of shapes");
    expect_fault(without([](OpDef& op) { op.inputs.clear(); }), "it declares no inputs");
    expect_fault(without([](OpDef& op) { op.samples = nullptr; }), "it has no samples");
    expect_fault(without([](OpDef& op) { op.samples = [](SampleSource&) { return std::vector<Sample>(); }; }),
                 "it has no samples");
    expect_fault(without([](OpDef& op) { op.samples = [](SampleSource&) { return std::vector<Sample>(1); }; }),
                 "it has a sample without inputs");
    expect_fault(without([](OpDef& op) {
                     op.vjp = nullptr;
                     op.compose = nullptr;
                 }),
                 "nor says why it has no gradient");
    expect_fault(without([](OpDef& op) { op.non_differentiable = "a step"; }), "it has a vjp and says that");
    expect_fault(without([](OpDef& op) { op.saves.inputs = {0, 1}; }), "`saves` names input 1 of 1");
    expect_fault(without([](OpDef& op) {
                     op.samples = [](SampleSource& s) -> std::vector<Sample> {
                         s.constant({-1}, 0);
                         return {};
                     };
                 }),
                 "making its samples fails: ");
}

BOOST_AUTO_TEST_CASE(an_op_without_a_gradient_gives_its_reason) {
    const OpJudgement judgement = judge_op(find_op("greater"), reference());
    BOOST_TEST(judgement.passes(), summary(judgement));
    BOOST_TEST(judgement.gradients.empty());
    BOOST_TEST(holds(summary(judgement), "9 samples, no gradient (a step: "), summary(judgement));
}

BOOST_AUTO_TEST_CASE(faults_of_infer_are_among_those_of_the_op_and_many_are_cut_short) {
    OpDef op = square();
    op.infer = [](const InferCall& call) -> TensorSpecs { return {call.spec(0), call.spec(0)}; };
    const OpJudgement judgement = judge_op(op, reference());
    BOOST_TEST(judgement.faults.size() > 2u);
    BOOST_TEST(holds(summary(judgement, 2), fmt::format("  and {} more\n", judgement.faults.size() - 2)),
               summary(judgement, 2));
    BOOST_TEST(to_json(judgement).at("faults").size() == judgement.faults.size());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
