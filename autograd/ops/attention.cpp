#include "autograd/ops/attention.hpp"

#include "autograd/errors.hpp"
#include "autograd/ops/activations.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/dropout.hpp"
#include "autograd/ops/families.hpp"
#include "autograd/ops/infer.hpp"
#include "autograd/ops/segment.hpp"
#include "autograd/ops/shape_ops.hpp"
#include "autograd/samples.hpp"

namespace tapegrad {

namespace {

// Inputs: z, source_score, target_score, the groupings of the edges by source and by target, the random key.
Grouping sources_of(std::span<const Tensor> in) { return grouping_at(in, 3); }
Grouping targets_of(std::span<const Tensor> in) { return grouping_at(in, 6); }

TensorSpecs infer_attention(const InferCall& call) {
    const DType dtype = common_float(call, 0, 2);
    for (std::size_t i = 3; i <= 9; ++i) require_i32(call, i);
    require_probability(call);
    const Shape& z = call.shape(0);
    const std::int64_t sources = element_count(call.shape(5)) - 1, targets = element_count(call.shape(8)) - 1;
    if (z.rank() != 3 || z[0] != sources || call.shape(1) != Shape{sources, z[1]} ||
        call.shape(2) != Shape{targets, z[1]} || call.shape(3) != call.shape(6))
        throw ShapeError("graph_attention",
                         "z [S, H, F], source_score [S, H], target_score [T, H] and groupings of the same edges",
                         to_string(z) + ", " + to_string(call.shape(1)) + ", " + to_string(call.shape(2)),
                         "check the graph and the shapes");
    return {{{targets, z[1], z[2]}, dtype}};
}

Tensors compose_attention(std::span<const Tensor> in, const Attributes& a) {
    const Grouping sources = sources_of(in), targets = targets_of(in);
    const Tensor scores = leaky_relu(gather(in[1], sources) + gather(in[2], targets), a.real("negative_slope"));
    Tensor coefficients = scatter_softmax(scores, targets);
    if (a.real("probability") > 0)
        coefficients = dropout(coefficients, a.real("probability"), {in[9], a.integer("call_site")});
    const Tensor messages = gather(in[0], sources) * reshape(coefficients, {targets.entries(), in[0].shape()[1], 1});
    return {scatter_sum(messages, targets)};
}

std::vector<Sample> attention_samples(SampleSource& s) {
    std::vector<Sample> samples;
    const auto add = [&](std::int64_t sources, std::int64_t targets, std::int64_t edges, std::int64_t heads,
                         std::int64_t features, double p) {
        const Grouping by_source = s.grouping(edges, sources), by_target = s.grouping(edges, targets);
        samples.push_back({{s.normal({sources, heads, features}), s.normal({sources, heads}),
                            s.normal({targets, heads}), by_source.index, by_source.order, by_source.offsets,
                            by_target.index, by_target.order, by_target.offsets, s.key()},
                           {{"negative_slope", 0.2}, {"probability", p}, {"call_site", std::int64_t{3}}}});
    };
    add(4, 4, 9, 2, 3, 0);
    add(4, 4, 9, 2, 3, 0.4);
    add(1, 1, 1, 1, 1, 0);
    add(3, 5, 4, 1, 2, 0);
    add(5, 5, 0, 2, 2, 0);
    add(23, 19, 101, 3, 5, 0.6);
    return samples;
}

}  // namespace

std::vector<OpDef> attention_ops() {
    return {{.name = "graph_attention",
             .formula = "out_i = sum over edges j -> i of alpha_ij z_j, alpha_ij = softmax over j of "
                        "leaky_relu(source_score_j + target_score_i)",
             .source = "Velickovic et al., Graph Attention Networks, ICLR 2018, equations 2 to 4",
             .inputs = {"z", "source_score", "target_score", "source_index", "source_order", "source_offsets",
                        "target_index", "target_order", "target_offsets", "key"},
             .attributes = {{"negative_slope", 0.2}, {"probability", 0.0}, {"call_site", std::int64_t{0}}},
             .infer = infer_attention,
             .compose = compose_attention,
             .samples = attention_samples}};
}

Tensor graph_attention(const Tensor& z, const Tensor& source_score, const Tensor& target_score, const Grouping& sources,
                       const Grouping& targets, double negative_slope, double dropout_probability,
                       const RandomSite& site) {
    return apply_one(
        op_named<"graph_attention">(),
        {z, source_score, target_score, sources.index, sources.order, sources.offsets, targets.index, targets.order,
         targets.offsets, site.key},
        {{"negative_slope", negative_slope}, {"probability", dropout_probability}, {"call_site", site.call_site}});
}

}  // namespace tapegrad
