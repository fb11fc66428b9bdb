#include "autograd/ops/attention_inputs.hpp"

#include <limits>

#include <fmt/format.h>

#include "autograd/errors.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/dropout.hpp"
#include "autograd/ops/families.hpp"
#include "autograd/ops/infer.hpp"
#include "autograd/samples.hpp"

namespace tapegrad {

namespace {

using Call = const VjpCall&;

TensorSpecs infer_inputs(const InferCall& call) {
    const DType dtype = common_float(call, 0, 2);
    require_attention_vectors(call, 0);
    require_random_key(call, 3);
    const double of_coefficients = call.attributes.real("coefficient_probability");
    const std::int64_t edges = call.attributes.integer("edges");
    check_probability(call.op, call.attributes.real("feature_probability"));
    check_probability(call.op, of_coefficients);
    if (edges < 0 || edges > std::numeric_limits<std::int32_t>::max())
        throw ShapeError(call.op, "a number of edges that i32 counts", fmt::format("{}", edges), "check the graph");
    const Shape &z = call.shape(0), scores{z[0], z[1]};
    const std::int64_t coefficients = element_count({edges, z[1]});
    return {{scores, dtype},
            {scores, dtype},
            {z, dtype},
            {mask_shape(element_count(z)), DType::i32},
            {of_coefficients > 0 ? mask_shape(coefficients) : Shape{0}, DType::i32}};
}

TensorSpecs infer_gradient(const InferCall& call) {
    const DType dtype = common_float(call, 0, 5);
    require_attention_vectors(call, 3);
    require_i32(call, 6);
    const Shape &z = call.shape(3), scores{z[0], z[1]};
    if (call.shape(0) != scores || call.shape(1) != scores || call.shape(2) != z ||
        call.shape(6) != mask_shape(element_count(z)))
        throw ShapeError(call.op,
                         fmt::format("gradients {}, {} and {}, and a mask {}", to_string(scores), to_string(scores),
                                     to_string(z), to_string(mask_shape(element_count(z)))),
                         fmt::format("{}, {}, {} and {}", to_string(call.shape(0)), to_string(call.shape(1)),
                                     to_string(call.shape(2)), to_string(call.shape(6))),
                         "check the shapes");
    return {{z, dtype}, {call.shape(4), dtype}, {call.shape(5), dtype}};
}

Tensors compose_inputs(std::span<const Tensor> in, const Attributes& a) {
    const auto [source, target] = attention_scores(in[0], in[1], in[2]);
    const Tensors kept_z =
        apply(op_named<"dropout">(), Tensors{in[0], in[3]},
              {{"probability", a.real("feature_probability")}, {"call_site", a.integer("feature_site")}});
    const std::int64_t coefficients = a.integer("edges") * in[0].shape()[1];
    const KeptCoefficients kept =
        draw_kept_coefficients({in[3], a.integer("coefficient_site")}, coefficients, a.real("coefficient_probability"));
    return {source, target, kept_z[0], kept_z[1],
            kept.mask.defined() ? kept.mask : Tensor(in[0].backend(), {0}, DType::i32)};
}

Tensors compose_gradient(std::span<const Tensor> in, const Attributes& a) {
    Tensors gradients = apply(op_named<"attention_scores_gradient">(), Tensors{in[0], in[1], in[3], in[4], in[5]});
    gradients[0] = gradients[0] + masked_scale(in[2], in[6], a.real("scale"));
    return gradients;
}

Tensors inputs_vjp(Call c) {
    const double scale = keep_threshold(c.attributes.real("feature_probability")).scale;
    Tensors results =
        apply(op_named<"attention_inputs_gradient">(),
              Tensors{c.gradient(0), c.gradient(1), c.gradient(2), c.input(0), c.input(1), c.input(2), c.output(3)},
              {{"scale", scale}});
    results.push_back({});  // the key
    return results;
}

Attributes attributes(double features, std::int64_t feature_site, double coefficients, std::int64_t coefficient_site,
                      std::int64_t edges) {
    return {{"feature_probability", features},
            {"feature_site", feature_site},
            {"coefficient_probability", coefficients},
            {"coefficient_site", coefficient_site},
            {"edges", edges}};
}

std::vector<Shape> sample_shapes() {
    std::vector<Shape> shapes = {{1, 1, 1},    {5, 2, 3},  {0, 2, 3},   {4, 3, 0},    {211, 1, 7}, {7, 8, 8},
                                 {13, 12, 16}, {3, 4, 40}, {601, 2, 5}, {5003, 8, 8}, {4999, 2, 5}};
    for (const std::int64_t width : row_widths) {
        shapes.push_back({5, width, 3});
        shapes.push_back({35, 2, width});
    }
    return shapes;
}

std::vector<Sample> inputs_samples(SampleSource& s) {
    std::vector<Sample> samples;
    for (const Shape& z : sample_shapes()) {
        const std::int64_t edges = z[0] * 3 % 61;
        const double probability = static_cast<double>(samples.size() % 4) * 0.3;  // 0 to 0.9
        samples.push_back({{s.normal(z), s.normal({z[1], z[2]}), s.normal({z[1], z[2]}), s.key()},
                           attributes(0.6, 2, probability, 3, edges)});
    }
    return samples;
}

std::vector<Sample> gradient_samples(SampleSource& s) {
    std::vector<Sample> samples;
    for (const Shape& z : sample_shapes()) {
        const Shape scores{z[0], z[1]}, a{z[1], z[2]};
        samples.push_back({{s.normal(scores), s.normal(scores), s.normal(z), s.normal(z), s.normal(a), s.normal(a),
                            random_mask({s.key(), 1}, element_count(z), 30000)},
                           {{"scale", 1.5}}});
    }
    return samples;
}

}  // namespace

std::vector<OpDef> attention_input_ops() {
    return {
        {.name = "attention_inputs",
         .formula = "attention_scores(z, a_source, a_target); dropout(z) with its mask; and a random_mask for the "
                    "coefficients of the edges",
         .source = "Velickovic et al., Graph Attention Networks, ICLR 2018, section 3.3",
         .inputs = {"z", "a_source", "a_target", "key"},
         .attributes = attributes(0.5, 0, 0.5, 1, 0),
         .shapes = "z [N, H, F], a_source [H, F], a_target [H, F], key [3] -> [N, H], [N, H], [N, H, F], "
                   "mask [ceil(N * H * F / 32)], mask [ceil(edges * H / 32)] or [0]",
         .infer = infer_inputs,
         .compose = compose_inputs,
         .vjp = inputs_vjp,
         .saves = {.inputs = {0, 1, 2}, .outputs = {3}},
         .samples = inputs_samples},
        {.name = "attention_inputs_gradient",
         .formula = "g_source a_source + g_target a_target + masked_scale(g_kept, mask); sum over nodes of g_source z; "
                    "of g_target z",
         .inputs = {"g_source", "g_target", "g_kept", "z", "a_source", "a_target", "mask"},
         .attributes = {{"scale", 1.0}},
         .shapes = "g_source [N, H], g_target [N, H], g_kept [N, H, F], z [N, H, F], a_source [H, F], a_target [H, F], "
                   "mask [ceil(N * H * F / 32)] -> [N, H, F], [H, F], [H, F]",
         .infer = infer_gradient,
         .compose = compose_gradient,
         .samples = gradient_samples},
    };
}

AttentionInputs attention_inputs(const Tensor& z, const Tensor& a_source, const Tensor& a_target, std::int64_t edges,
                                 const AttentionDropout& dropout) {
    if (dropout.features == 0) {
        const std::int64_t heads = z.rank() == 3 ? z.shape()[1] : 0;  // another rank is refused below
        const EndScores scores = attention_scores(z, a_source, a_target);
        return {scores, z,
                draw_kept_coefficients({dropout.key, dropout.coefficient_site}, element_count({edges, heads}),
                                       dropout.coefficients)};
    }
    const Tensors outputs = apply(
        op_named<"attention_inputs">(), Tensors{z, a_source, a_target, dropout.key},
        attributes(dropout.features, dropout.feature_site, dropout.coefficients, dropout.coefficient_site, edges));
    const bool drops = dropout.coefficients > 0;
    return {{outputs[0], outputs[1]},
            outputs[2],
            {drops ? outputs[4] : Tensor(), drops ? keep_threshold(dropout.coefficients).scale : 1}};
}

}  // namespace tapegrad
