#include "autograd/ops/attention.hpp"

#include <algorithm>
#include <cmath>

#include "autograd/errors.hpp"
#include "autograd/ops/activations.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/dropout.hpp"
#include "autograd/ops/families.hpp"
#include "autograd/ops/functions.hpp"
#include "autograd/ops/infer.hpp"
#include "autograd/ops/reduce.hpp"
#include "autograd/ops/segment.hpp"
#include "autograd/ops/shape_ops.hpp"
#include "autograd/samples.hpp"
#include "autograd/tape.hpp"

namespace tapegrad {

namespace {

using Call = const VjpCall&;

// Both ops end with the mask and the groupings of the edges by source and by target.
struct Edges {
    Tensor mask;
    Grouping sources, targets;
};
Edges edges_at(std::span<const Tensor> in, std::size_t first) {
    return {in[first], grouping_at(in, first + 1), grouping_at(in, first + 4)};
}

// z, the scores and the bias begin at input `z`; the mask and the groupings at input `mask`.
void check_edges(const InferCall& call, std::size_t z, std::size_t mask) {
    require_i32(call, mask);
    require_grouping(call, mask + 1);
    require_grouping(call, mask + 4);
    const std::int64_t sources = element_count(call.shape(mask + 3)) - 1,
                       targets = element_count(call.shape(mask + 6)) - 1;
    const Shape &values = call.shape(z), &source_index = call.shape(mask + 1);
    if (values.rank() != 3 || values[0] != sources || call.shape(z + 1) != Shape{sources, values[1]} ||
        call.shape(z + 2) != Shape{targets, values[1]} || source_index != call.shape(mask + 4))
        throw ShapeError(call.op,
                         "z [S, H, F], source_score [S, H], target_score [T, H] and groupings of the same edges",
                         to_string(values) + ", " + to_string(call.shape(z + 1)) + ", " + to_string(call.shape(z + 2)),
                         "check the graph and the shapes");
    if (call.shape(z + 3) != Shape{0} && call.shape(z + 3) != Shape{values[1], values[2]})
        throw ShapeError(call.op, "a bias [H, F], or an empty one", to_string(call.shape(z + 3)), "check the bias");
    const std::int64_t coefficients = element_count({element_count(source_index), values[1]});
    if (call.shape(mask) != Shape{0} && call.shape(mask) != mask_shape(coefficients))
        throw ShapeError(call.op, "a mask with one bit for each edge and head, or an empty one",
                         to_string(call.shape(mask)), "draw the mask for E * H elements");
}

TensorSpecs infer_attention(const InferCall& call) {
    const DType dtype = common_float(call, 0, 3);
    check_edges(call, 0, 4);
    const Shape &z = call.shape(0), &per_target = call.shape(2);
    return {{{per_target[0], z[1], z[2]}, dtype}, {per_target, dtype}, {per_target, dtype}};
}

TensorSpecs infer_gradient(const InferCall& call) {
    const DType dtype = common_float(call, 0, 7);
    check_edges(call, 1, 8);
    const Shape &z = call.shape(1), &per_target = call.shape(3);
    const Shape out{per_target[0], z[1], z[2]};
    if (call.shape(0) != out || call.shape(5) != out || call.shape(6) != per_target || call.shape(7) != per_target)
        throw ShapeError(call.op,
                         "what graph_attention gave, " + to_string(out) + " and twice " + to_string(per_target),
                         to_string(call.shape(5)) + ", " + to_string(call.shape(6)) + ", " + to_string(call.shape(7)),
                         "pass its outputs and a gradient of the first one");
    const Shape per_edge{call.shape(9)[0], z[1]};
    return {{z, dtype}, {call.shape(2), dtype}, {per_target, dtype}, {per_edge, dtype}};
}

Tensor with_dropout(const Tensor& coefficients, const Tensor& mask, const Attributes& a) {
    return mask.size() == 0 ? coefficients : masked_scale(coefficients, mask, a.real("scale"));
}

// [E, H] -> [E, H, 1], to be multiplied by [E, H, F].
Tensor per_feature(const Tensor& x) { return reshape(x, {x.shape()[0], x.shape()[1], 1}); }

Tensors compose_attention(std::span<const Tensor> in, const Attributes& a) {
    const auto& [mask, sources, targets] = edges_at(in, 4);
    const Tensor scores = leaky_relu(gather(in[1], sources) + gather(in[2], targets), a.real("negative_slope"));
    const Tensor largest = scatter_max(scores, targets);
    const Tensor exponentials = exp(scores - gather(largest, targets));
    const Tensor sums = scatter_sum(exponentials, targets);
    // Of a node without edges, or with scores of -inf alone, all coefficients are 0 / 1.
    const Tensor divisor = where(sums, sums, scalar_like(sums, 1));
    const Tensor coefficients = with_dropout(exponentials / gather(divisor, targets), mask, a);
    const Tensor sum = scatter_sum(per_feature(coefficients) * gather(in[0], sources), targets);
    return {in[3].size() == 0 ? sum : sum + in[3], largest, divisor};
}

// Differentiated as a function of the gradient, z and the scores: what the forward op saved follows from these.
Tensors compose_gradient(std::span<const Tensor> in, const Attributes& a) {
    const auto& [mask, sources, targets] = edges_at(in, 8);
    const double slope = a.real("negative_slope");
    const Tensor scores = gather(in[2], sources) + gather(in[3], targets);
    const Tensor alpha = scatter_softmax(leaky_relu(scores, slope), targets);
    const Tensor g = gather(in[0], targets), z = gather(in[1], sources);  // [E, H, F]
    const Tensor of_alpha = with_dropout(sum(g * z, {2}), mask, a);       // [E, H]
    const Tensor of_softmax = alpha * (of_alpha - gather(scatter_sum(alpha * of_alpha, targets), targets));
    const Tensor one = scalar_like(scores, 1), is_positive = greater(scores, scalar_like(scores, 0));
    const Tensor of_score = of_softmax * where(is_positive, one, one * slope);
    return {scatter_sum(per_feature(with_dropout(alpha, mask, a)) * g, sources), scatter_sum(of_score, sources),
            scatter_sum(of_score, targets), of_score};
}

// The outputs of graph_attention for the inputs of its gradient op.
void derive_saved(Tensors& in, const Attributes& a) {
    Tensors forward_inputs;
    for (std::size_t i = 1; i < in.size(); ++i)
        if (i < 5 || i >= 8) forward_inputs.push_back(in[i]);
    const NoTape no_tape;
    const Tensors saved = apply(op_named<"graph_attention">(), forward_inputs, a);
    std::copy(saved.begin(), saved.end(), in.begin() + 5);
}

Tensors attention_vjp(Call c) {
    Tensors inputs = {c.gradient(), c.input(0),  c.input(1),  c.input(2),
                      c.input(3),   c.output(0), c.output(1), c.output(2)};
    for (std::size_t i = 4; i < c.input_count(); ++i) inputs.push_back(c.input(i));
    const Tensors gradients = apply(op_named<"graph_attention_gradient">(), inputs, c.attributes);
    Tensors results(c.input_count());
    std::copy_n(gradients.begin(), 3, results.begin());
    if (c.needs(3)) results[3] = c.input(3).size() > 0 ? sum(c.gradient(), {0}) : zeros_like(c.input(3));
    return results;
}

Attributes attributes(double negative_slope, double scale) {
    return {{"negative_slope", negative_slope}, {"scale", scale}};
}

// Multiples of 0.1, shifted: a sum of two with different shifts stays clear of the kink of leaky_relu at 0.
Tensor scores_on_a_grid(SampleSource& s, const Shape& shape, double shift) {
    std::vector<double> scores = s.normal(shape).values<double>();
    for (double& score : scores) score = std::round(score * 10) / 10 + shift;
    return s.values(shape, scores);
}

std::vector<Sample> attention_samples(SampleSource& s) {
    std::vector<Sample> samples;
    const auto add = [&](std::int64_t sources, std::int64_t targets, std::int64_t edges, std::int64_t heads,
                         std::int64_t features, double p) {
        const Grouping by_source = s.grouping(edges, sources), by_target = s.grouping(edges, targets);
        const KeepThreshold keep = keep_threshold(p);
        const Tensor bias = samples.size() % 3 == 0 ? s.normal({0}) : s.normal({heads, features});
        const Tensor mask = random_mask({s.key(), 3}, p > 0 ? edges * heads : 0, keep.threshold);
        samples.push_back({{s.normal({sources, heads, features}), scores_on_a_grid(s, {sources, heads}, 0),
                            scores_on_a_grid(s, {targets, heads}, 0.05), bias, mask, by_source.index, by_source.order,
                            by_source.offsets, by_target.index, by_target.order, by_target.offsets},
                           attributes(0.2, keep.scale)});
    };
    add(4, 4, 9, 2, 3, 0);
    add(4, 4, 9, 2, 3, 0.4);
    add(1, 1, 1, 1, 1, 0);
    add(3, 5, 4, 1, 2, 0);
    add(5, 5, 0, 2, 2, 0);
    add(3, 2, 5, 1, 0, 0);
    add(23, 19, 101, 3, 5, 0.6);
    add(7, 9, 67, 8, 8, 0.6);
    add(9, 7, 31, 12, 16, 0.5);
    add(11, 13, 61, 1, 7, 0.6);
    add(5, 3, 41, 4, 40, 0);
    add(2, 3, 211, 2, 67, 0.3);
    for (int i = 0; i < 2; ++i) {      // with a bias and without
        add(300, 2, 4099, 8, 8, 0.6);  // a hub
        add(3, 4, 57, 2, 70, 0.6);
        add(5, 4, 61, 3, 4, 0);
        add(7, 3, 33, 2, 3, 0.5);
    }
    for (const std::int64_t width : row_widths) {
        add(5, 4, 23, width, 3, 0.5);
        add(4, 5, 23, 2, width, 0);
    }
    return samples;
}

std::vector<Sample> gradient_samples(SampleSource& s) {
    std::vector<Sample> samples = attention_samples(s);
    for (auto& [in, attributes] : samples) {
        const Shape &z = in[0].shape(), &per_target = in[2].shape();
        const Tensor saved = s.constant(per_target, 0), g = s.normal({per_target[0], z[1], z[2]});
        Tensors all = {g, in[0], in[1], in[2], in[3], g, saved, saved};
        for (std::size_t i = 4; i < in.size(); ++i) all.push_back(in[i]);
        in = all;
        derive_saved(in, attributes);
    }
    return samples;
}

constexpr const char* paper = "Velickovic et al., Graph Attention Networks, ICLR 2018, equations 2 to 4";

}  // namespace

std::vector<OpDef> attention_ops() {
    return {
        {.name = "graph_attention",
         .formula = "out_i = bias + sum over edges j -> i of alpha_ij z_j, alpha_ij = softmax over j of "
                    "leaky_relu(source_score_j + target_score_i); then its largest score and its sum of exponentials",
         .source = paper,
         .inputs = {"z", "source_score", "target_score", "bias", "mask", "source_index", "source_order",
                    "source_offsets", "target_index", "target_order", "target_offsets"},
         .attributes = attributes(0.2, 1),
         .shapes =
             "z [S, H, F], source_score [S, H], target_score [T, H], bias [H, F] or [0], mask [ceil(E * H / 32)] or "
             "[0], source_index [E], source_order [E], source_offsets [S+1], target_index [E], target_order [E], "
             "target_offsets [T+1] -> [T, H, F], [T, H], [T, H]",
         .infer = infer_attention,
         .compose = compose_attention,
         .vjp = attention_vjp,
         .saves = {.inputs = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, .outputs = {0, 1, 2}},
         .samples = attention_samples,
         .auxiliary_outputs = 2},
        {.name = "graph_attention_gradient",
         .formula =
             "the gradients of graph_attention for z, source_score and target_score: sum_i alpha_ij g_i, and "
             "the sums over i and over j of alpha_ij (g_i . z_j - g_i . (out_i - bias)) leaky_relu'; then these terms",
         .source = paper,
         .inputs = {"gradient", "z", "source_score", "target_score", "bias", "out", "largest", "divisor", "mask",
                    "source_index", "source_order", "source_offsets", "target_index", "target_order", "target_offsets"},
         .attributes = attributes(0.2, 1),
         .shapes = "gradient [T, H, F], z [S, H, F], source_score [S, H], target_score [T, H], bias [H, F] or [0], out "
                   "[T, H, F], "
                   "largest [T, H], divisor [T, H], mask [ceil(E * H / 32)] or [0], source_index [E], "
                   "source_order [E], source_offsets [S+1], target_index [E], target_order [E], "
                   "target_offsets [T+1] -> [S, H, F], [S, H], [T, H], [E, H]",
         .infer = infer_gradient,
         .compose = compose_gradient,
         .samples = gradient_samples,
         .constant_inputs = {4, 5, 6, 7},
         .auxiliary_outputs = 1,
         .derive_constants = derive_saved},
    };
}

KeptCoefficients draw_kept_coefficients(const RandomSite& site, std::int64_t count, double dropout_probability) {
    check_probability("draw_kept_coefficients", dropout_probability);
    if (dropout_probability == 0) return {};
    const KeepThreshold keep = keep_threshold(dropout_probability);
    return {random_mask(site, count, keep.threshold), keep.scale};
}

Tensor graph_attention(const Tensor& z, const Tensor& source_score, const Tensor& target_score, const Tensor& bias,
                       const Grouping& sources, const Grouping& targets, double negative_slope,
                       const KeptCoefficients& kept) {
    const auto or_empty = [&](const Tensor& x, DType dtype) {
        return x.defined() ? x : Tensor(z.backend(), {0}, dtype);
    };
    return apply_one(op_named<"graph_attention">(),
                     {z, source_score, target_score, or_empty(bias, z.dtype()), or_empty(kept.mask, DType::i32),
                      sources.index, sources.order, sources.offsets, targets.index, targets.order, targets.offsets},
                     attributes(negative_slope, kept.scale));
}

}  // namespace tapegrad
