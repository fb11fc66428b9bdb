#include "tools/documents/operators.hpp"

#include <boost/test/unit_test.hpp>

#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/infer.hpp"
#include "tests/autograd/approximately.hpp"

namespace tapegrad::testing {
namespace {

OpDef scaled() {
    return {.name = "test_scaled",
            .formula = "scale * x where the mask is set",
            .source = "Somebody, Something, 2020",
            .inputs = {"x", "mask"},
            .attributes = {{"scale", 2.0}, {"count", std::int64_t{3}}, {"axes", Dims{1, 2}}},
            .shapes = "x [N, F], mask [N] -> [N, F]",
            .infer = infer_same,
            .compose = [](auto in, const Attributes&) -> Tensors { return {in[0] * 2.0}; },
            .vjp = per_input({nullptr}),
            .saves = {.inputs = {1}, .outputs = {0}},
            .constant_inputs = {1},
            .auxiliary_outputs = 1,
            .family = "Scaling"};
}

std::string document(const OpDef& op, const std::vector<BackendColumn>& columns, const std::string& earlier = "") {
    const std::reference_wrapper<const OpDef> ops[] = {op};
    return document_ops(ops, columns, earlier);
}

void expect_part(const std::string& text, const std::string& part) {
    BOOST_TEST((text.find(part) != text.npos), "'" << part << "' is not in: " << text);
}

BOOST_AUTO_TEST_SUITE(tools_documents_operators)

BOOST_AUTO_TEST_CASE(an_op_is_told_with_signature_formula_shapes_gradient_and_source) {
    const std::string text = document(scaled(), {{"reference", open_backend("reference")}});
    expect_part(text,
                "\n| op | gradient | reference |\n|---|---|---|\n"
                "| [`test_scaled`](#test_scaled) | own | composed |\n");
    expect_part(text,
                "\n## Scaling\n\n### test_scaled\n\n```\n"
                "test_scaled(x, mask; scale = 2.0, count = 3, axes = [1, 2])\n"
                "scale * x where the mask is set\n"
                "x [N, F], mask [N] -> [N, F]\n"
                "```\n\n"
                "Gradient: its own, saves `mask`, output 0; none for `mask`; the last output is for the gradient "
                "alone.\n"
                "<br>From: Somebody, Something, 2020.\n");
}

BOOST_AUTO_TEST_CASE(the_kinds_of_gradient_and_of_running_are_told_apart) {
    const BackendPtr backend = open_backend("reference");
    expect_part(document(find_op("add"), {{"reference", backend}}), "(#add) | own | native |");
    expect_part(document(find_op("random_mask"), {{"reference", backend}}), "(#random_mask) | none | native (i32) |");
    expect_part(document(find_op("matmul"), {{"reference", backend}}), "(#matmul) | own | direct |");
    expect_part(document(find_op("mse_loss"), {{"reference", backend}}),
                "(#mse_loss) | through its composition | composed |");
    expect_part(document(find_op("greater"), {{"reference", backend}}), "Gradient: none: a step: ");
    expect_part(document(find_op("add"), {{"reference", backend}}), "\nall inputs broadcast to one shape -> ");
    OpDef foreign = scaled();
    foreign.family.clear();
    expect_part(document(foreign, {}), "\n## Extensions\n");
}

BOOST_AUTO_TEST_CASE(a_backend_that_cannot_be_opened_keeps_its_column) {
    const BackendPtr backend = open_backend("reference");
    const std::string earlier =
        "| op | gradient | simd | reference |\n|---|---|---|---|\n"
        "| [`test_scaled`](#test_scaled) | own | native (f32) | native |\n";
    expect_part(document(scaled(), {{"reference", backend}, {"simd", nullptr}}, earlier),
                "(#test_scaled) | own | composed | native (f32) |");
    expect_part(document(scaled(), {{"reference", backend}, {"simd", nullptr}}),
                "(#test_scaled) | own | composed | not known |");
}

BOOST_AUTO_TEST_CASE(long_lines_break_between_shapes) {
    OpDef op = scaled();
    op.shapes =
        "a [A, B, C, D], a_second_input [A, B, C, D], a_third_input [A, B, C, D], a_fourth [A, B, C, D] -> [A, B]";
    expect_part(document(op, {}),
                "\na [A, B, C, D], a_second_input [A, B, C, D], a_third_input [A, B, C, D], a_fourth [A, B, C, D]\n"
                "    -> [A, B]\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
