#include "autograd/ops/attention_scores.hpp"

#include "autograd/errors.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/families.hpp"
#include "autograd/ops/infer.hpp"
#include "autograd/ops/reduce.hpp"
#include "autograd/ops/shape_ops.hpp"
#include "autograd/samples.hpp"

namespace tapegrad {

namespace {

using Call = const VjpCall&;

TensorSpecs infer_scores(const InferCall& call) {
    const DType dtype = common_float(call, 0, 2);
    require_attention_vectors(call, 0);
    const Shape scores{call.shape(0)[0], call.shape(0)[1]};
    return {{scores, dtype}, {scores, dtype}};
}

TensorSpecs infer_gradient(const InferCall& call) {
    const DType dtype = common_float(call, 0, 4);
    require_attention_vectors(call, 2);
    const Shape &z = call.shape(2), scores{z[0], z[1]};
    if (call.shape(0) != scores || call.shape(1) != scores)
        throw ShapeError(call.op, "gradients of scores " + to_string(scores),
                         to_string(call.shape(0)) + " and " + to_string(call.shape(1)), "check the shapes");
    return {{z, dtype}, {call.shape(3), dtype}, {call.shape(4), dtype}};
}

Tensors compose_gradient(std::span<const Tensor> in, const Attributes&) {
    const Tensor &z = in[2], &a_source = in[3], &a_target = in[4];
    const Shape per_head{z.shape()[0], z.shape()[1], 1};
    const Tensor source = reshape(in[0], per_head), target = reshape(in[1], per_head);
    return {source * a_source + target * a_target, sum(source * z, {0}), sum(target * z, {0})};
}

Tensors scores_vjp(Call c) {
    return apply(op_named<"attention_scores_gradient">(),
                 Tensors{c.gradient(0), c.gradient(1), c.input(0), c.input(1), c.input(2)});
}

std::vector<Shape> sample_shapes() {
    std::vector<Shape> shapes = {{1, 1, 1}, {5, 2, 3},    {0, 2, 3},  {4, 3, 0},   {211, 1, 7},
                                 {7, 8, 8}, {13, 12, 16}, {3, 4, 40}, {601, 2, 5}, {2003, 8, 8}};
    for (const std::int64_t width : row_widths) {
        shapes.push_back({5, width, 3});
        shapes.push_back({5, 2, width});
    }
    return shapes;
}

std::vector<Sample> scores_samples(SampleSource& s) {
    std::vector<Sample> samples;
    for (const Shape& z : sample_shapes())
        samples.push_back({{s.normal(z), s.normal({z[1], z[2]}), s.normal({z[1], z[2]})}, {}});
    return samples;
}

std::vector<Sample> gradient_samples(SampleSource& s) {
    std::vector<Sample> samples;
    for (const Shape& z : sample_shapes()) {
        const Shape scores{z[0], z[1]}, a{z[1], z[2]};
        samples.push_back({{s.normal(scores), s.normal(scores), s.normal(z), s.normal(a), s.normal(a)}, {}});
    }
    return samples;
}

}  // namespace

std::vector<OpDef> attention_score_ops() {
    return {
        {.name = "attention_scores",
         .formula = "a_source . z and a_target . z, for each node and head",
         .source = "Velickovic et al., Graph Attention Networks, ICLR 2018, equation 3",
         .inputs = {"z", "a_source", "a_target"},
         .shapes = "z [N, H, F], a_source [H, F], a_target [H, F] -> [N, H], [N, H]",
         .infer = infer_scores,
         .compose = [](auto in, const Attributes&) -> Tensors {
             return {sum(in[0] * in[1], {2}), sum(in[0] * in[2], {2})};
         },
         .vjp = scores_vjp,
         .saves = {.inputs = {0, 1, 2}},
         .samples = scores_samples},
        {.name = "attention_scores_gradient",
         .formula = "g_source a_source + g_target a_target; sum over nodes of g_source z; of g_target z",
         .inputs = {"g_source", "g_target", "z", "a_source", "a_target"},
         .shapes = "g_source [N, H], g_target [N, H], z [N, H, F], a_source [H, F], a_target [H, F] "
                   "-> [N, H, F], [H, F], [H, F]",
         .infer = infer_gradient,
         .compose = compose_gradient,
         .samples = gradient_samples},
    };
}

EndScores attention_scores(const Tensor& z, const Tensor& a_source, const Tensor& a_target) {
    const Tensors scores = apply(op_named<"attention_scores">(), Tensors{z, a_source, a_target});
    return {scores[0], scores[1]};
}

}  // namespace tapegrad
