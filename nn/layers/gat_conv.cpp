#include "nn/layers/gat_conv.hpp"

#include <array>

#include <nlohmann/json.hpp>

#include "autograd/ops/activations.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/attention_inputs.hpp"
#include "autograd/ops/attention_scores.hpp"
#include "autograd/ops/join.hpp"
#include "autograd/ops/reduce.hpp"
#include "autograd/ops/segment.hpp"
#include "autograd/ops/shape_ops.hpp"
#include "nn/init.hpp"
#include "nn/layers/dropout.hpp"
#include "nn/layers/linear.hpp"

namespace tapegrad {

GATConv::GATConv(const LayerInputs& inputs, const GatOptions& options) : options_(options) {
    const std::int64_t heads = options.heads, features = options.out_features;
    // As if each head were a layer of its own.
    const Fans weight_fans{inputs.in_features, features}, attention_fans{features, 1};
    weight_ = add_parameter("weight", glorot_uniform({inputs.in_features, heads * features}, weight_fans, inputs));
    attention_source_ = add_parameter("attention_source", glorot_uniform({heads, features}, attention_fans, inputs));
    attention_target_ = add_parameter("attention_target", glorot_uniform({heads, features}, attention_fans, inputs));
    if (options.bias) bias_ = add_parameter("bias", zeros({options.merged_features()}, inputs));
}

Value GATConv::forward(const Value& x, const ForwardContext& context) {
    const Graph& graph = graph_of("gat", context);
    const Tensor projected = product(apply_dropout("gat", x, options_.dropout, context), weight_);
    const std::int64_t nodes = projected.shape()[0];

    const Tensor z = reshape(projected, {nodes, options_.heads, options_.out_features});  // (1)
    // A bias for each head is added where its rows are summed, one for their mean afterwards.
    const bool by_split = options_.scores == AttentionScores::split, by_mean = options_.merge == HeadMerge::mean;
    const bool adds_later = bias_.defined() && (!by_split || (by_mean && options_.heads > 1));
    const Tensor h = by_split ? attend_by_split(z, adds_later ? Tensor() : bias_, graph, context)
                              : attend_by_concat(z, graph, context);  // (2) to (4)
    const Tensor merged = by_mean ? mean(h, {1}) : reshape(h, {nodes, options_.merged_features()});
    return adds_later ? add_bias(merged, bias_) : merged;
}

Tensor GATConv::attention(const Value& x, const ForwardContext& context) {
    const Graph& graph = graph_of("gat", context);
    const Tensor z = reshape(product(x, weight_), {graph.nodes, options_.heads, options_.out_features});
    const bool by_concat = options_.scores == AttentionScores::concat;
    return scatter_softmax(by_concat ? concat_scores(z, graph) : split_scores(z, graph), graph.targets);
}

Tensor GATConv::concat_scores(const Tensor& z, const Graph& graph) const {
    const Tensor z_i = gather(z, graph.targets);  // [E, H, F]
    const Tensor z_j = gather(z, graph.sources);
    const Tensor pairs = cat(std::array{z_i, z_j}, 2);                          // [E, H, 2F]
    const Tensor a = cat(std::array{attention_target_, attention_source_}, 1);  // [H, 2F]
    return leaky_relu(sum(pairs * a, {2}), options_.negative_slope);            // (2) [E, H]
}

Tensor GATConv::split_scores(const Tensor& z, const Graph& graph) const {
    const auto [source_score, target_score] = attention_scores(z, attention_source_, attention_target_);  // [N, H]
    const Tensor e = gather(target_score, graph.targets) + gather(source_score, graph.sources);
    return leaky_relu(e, options_.negative_slope);  // (2) [E, H]
}

Tensor GATConv::attend_by_concat(const Tensor& z, const Graph& graph, const ForwardContext& context) {
    const Tensor kept_z = apply_dropout("gat", z, options_.feature_dropout, context);
    const Tensor e = concat_scores(z, graph);
    const Tensor alpha = scatter_softmax(e, graph.targets);  // (3)
    const Tensor kept_alpha = apply_dropout("gat", alpha, options_.attention_dropout, context);
    const Tensor weights = reshape(kept_alpha, {graph.edges(), options_.heads, 1});
    return scatter_sum(weights * gather(kept_z, graph.sources), graph.targets);  // (4)
}

Tensor GATConv::attend_by_split(const Tensor& z, const Tensor& bias, const Graph& graph,
                                const ForwardContext& context) {
    const Tensor head_bias = bias.defined() ? reshape(bias, {options_.heads, options_.out_features}) : Tensor();
    AttentionDropout dropout;
    if (context.training && options_.feature_dropout > 0) {
        dropout.features = options_.feature_dropout;
        const RandomSite site = random_site("gat", context);
        dropout.key = site.key;
        dropout.feature_site = site.call_site;
    }
    if (context.training && options_.attention_dropout > 0) {
        dropout.coefficients = options_.attention_dropout;
        const RandomSite site = random_site("gat", context);
        dropout.key = site.key;
        dropout.coefficient_site = site.call_site;
    }
    const auto [scores, kept_z, kept] =
        attention_inputs(z, attention_source_, attention_target_, graph.edges(), dropout);
    return graph_attention(kept_z, scores.source, scores.target, head_bias, graph.sources, graph.targets,
                           options_.negative_slope, kept);
}

GatOptions gat_options(const nlohmann::json& settings) {
    return {
        .out_features = settings.at("out_features"),
        .heads = settings.at("heads"),
        .merge = settings.at("merge") == "cat" ? HeadMerge::cat : HeadMerge::mean,
        .scores = settings.at("scores") == "concat" ? AttentionScores::concat : AttentionScores::split,
        .negative_slope = settings.at("negative_slope"),
        .dropout = settings.at("dropout"),
        .attention_dropout = settings.at("attention_dropout"),
        .feature_dropout = settings.at("feature_dropout"),
        .bias = settings.at("bias"),
    };
}

std::vector<LayerType> gat_layers() {
    const std::string properties = R"({
        "out_features": )" + out_features_schema("how many numbers one head gives out for a node") +
                                   R"(,
        "heads": {"type": "integer", "minimum": 1, "maximum": 1024, "default": 1, "description": "how many attention heads"},
        "merge": {"type": "string", "enum": ["cat", "mean"], "default": "cat",
                  "description": "cat: the outputs of the heads side by side; mean: their mean"},
        "scores": {"type": "string", "enum": ["concat", "split"], "default": "split",
                   "description": "concat: scores from the pair of features at each edge, as the paper writes it; split: the same from one number for each end of an edge"},
        "negative_slope": {"type": "number", "minimum": 0, "default": 0.2, "description": "slope below 0 of the leaky_relu of the scores"},
        "dropout": )" + dropout_schema("probability that an input is dropped") +
                                   R"(,
        "attention_dropout": )" + dropout_schema("probability that an attention coefficient is dropped") +
                                   R"(,
        "feature_dropout": )" + dropout_schema("probability that a projected feature is dropped where it is summed") +
                                   R"(,
        "bias": {"type": "boolean", "default": true, "description": "add a trained vector to every node"}
    })";
    const auto build = [](const nlohmann::json& settings, const LayerInputs& inputs) -> BuiltLayer {
        const GatOptions options = gat_options(settings);
        return {std::make_shared<GATConv>(inputs, options), options.merged_features()};
    };
    return {{"gat", properties, build,
             "graph attention (Velickovic et al. 2018): the mean of the neighbours, weighted by learned coefficients"}};
}

}  // namespace tapegrad
