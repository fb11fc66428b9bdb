#include "tools/reports/model_analysis.hpp"

#include <algorithm>
#include <memory>
#include <numeric>
#include <utility>

#include "autograd/ops/softmax.hpp"
#include "nn/layers/attention_layer.hpp"
#include "nn/layers/gcn_conv.hpp"

namespace tapegrad {
namespace {

using Part = Module::Part;

// The position behind the last part with parameters, and 0 where none comes before that one.
std::size_t last_layer_that_learned(const std::vector<Part>& layers) {
    std::size_t last = 0, learned = 0;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        if (layers[i].second->parameters().empty()) continue;
        last = i;
        ++learned;
    }
    return learned > 1 ? last : layers.size();
}

std::vector<std::int32_t> largest_of_rows(const std::vector<float>& values, std::int64_t columns) {
    std::vector<std::int32_t> largest;
    for (auto row = values.begin(); row != values.end(); row += columns)
        largest.push_back(static_cast<std::int32_t>(std::max_element(row, row + columns) - row));
    return largest;
}

Embedding embedding_of(std::string name, const Value& x) {
    const Tensor* const dense = std::get_if<Tensor>(&x);
    const Tensor values = dense != nullptr ? *dense : to_dense(std::get<SparseMatrix>(x));
    return {std::move(name), values.shape()[1], values.values<float>()};
}

EdgesByTarget by_target(const Grouping& targets, const Grouping& sources) {
    return {targets.offsets.values<std::int32_t>(), sources.index.values<std::int32_t>()};
}

}  // namespace

double EdgeWeights::mean(std::int64_t edge) const {
    const auto first = weights.begin() + edge * heads;
    return std::accumulate(first, first + heads, 0.0) / static_cast<double>(heads);
}

ModelAnalysis analyse(const Sequential& model, const GraphInput& input) {
    const ForwardContext context{.graph = &input.graph};
    ModelAnalysis analysis{.nodes = input.graph.nodes, .edges = by_target(input.graph.targets, input.graph.sources)};
    const std::size_t embedded = last_layer_that_learned(model.layers());
    Value x = input.features;
    for (std::size_t i = 0; i < model.layers().size(); ++i) {
        const auto& [name, layer] = model.layers()[i];
        if (i == embedded) analysis.embedding = embedding_of("input of the last layer", x);
        if (const auto attending = std::dynamic_pointer_cast<AttentionLayer>(layer)) {
            const Tensor alpha = attending->attention(x, context);
            analysis.attention.push_back({name, alpha.shape()[1], alpha.values<float>()});
        }
        x = layer->forward(x, context);
    }
    const Tensor logits = dense_input("the last layer", x);
    if (embedded == model.layers().size()) analysis.embedding = embedding_of("output of the last layer", x);
    analysis.classes = logits.shape()[1];
    analysis.logits = logits.values<float>();
    analysis.probabilities = softmax(logits, 1).values<float>();
    analysis.predicted = largest_of_rows(analysis.logits, analysis.classes);
    return analysis;
}

ConvolutionWeights convolution_weights(const Sequential& model, const Graph& graph) {
    ConvolutionWeights convolution;
    for (const auto& [name, layer] : model.layers()) {
        if (!std::dynamic_pointer_cast<GCNConv>(layer)) continue;
        const SparseMatrix& adjacency = graph.normalised_adjacency();
        convolution.edges = by_target(adjacency.rows, adjacency.columns);
        convolution.layers.push_back({name, 1, adjacency.values.values<float>()});
    }
    return convolution;
}

}  // namespace tapegrad
