// What a trained model makes of each node and edge of a graph, as plain values on the host.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "nn/layers/sequential.hpp"
#include "tools/training/graph_data.hpp"

namespace tapegrad {

/// Edges in the order of Graph: those into node i come from sources[offsets[i]] .. sources[offsets[i + 1] - 1].
struct EdgesByTarget {
    std::vector<std::int32_t> offsets{0};  ///< [N + 1]
    std::vector<std::int32_t> sources;     ///< [E]

    std::int32_t into(std::size_t node) const { return offsets[node + 1] - offsets[node]; }
};

/// How much each edge counts in a layer.
struct EdgeWeights {
    std::string layer;           ///< its name in the model, which is its position
    std::int64_t heads;          ///< H
    std::vector<float> weights;  ///< [E, H]

    float at(std::int64_t edge, std::int64_t head) const {
        return weights[static_cast<std::size_t>(edge * heads + head)];
    }
    /// Of an edge, over the heads.
    double mean(std::int64_t edge) const;
};

/// A row of numbers for each node, to draw a map of.
struct Embedding {
    std::string of;             ///< what they are
    std::int64_t width;         ///< D
    std::vector<float> values;  ///< [N, D]
};

struct ModelAnalysis {
    std::int64_t nodes;                   ///< N
    std::int64_t classes;                 ///< C
    std::vector<float> logits;            ///< [N, C]
    std::vector<float> probabilities;     ///< [N, C]: their softmax
    std::vector<std::int32_t> predicted;  ///< [N]: the class of the largest, the first of equal ones
    Embedding embedding;                  ///< the input of the last layer with parameters
    EdgesByTarget edges;                  ///< of the graph that the layers were given
    std::vector<EdgeWeights> attention;   ///< of each AttentionLayer, in their order

    std::span<const float> probabilities_of(std::int64_t node) const {
        return std::span(probabilities)
            .subspan(static_cast<std::size_t>(node * classes), static_cast<std::size_t>(classes));
    }
};

/// One forward pass without dropout, layer by layer. Where no layer with parameters comes before the last such layer,
/// its input says nothing about the model, and the embedding is made of the logits.
ModelAnalysis analyse(const Sequential& model, const GraphInput& input);

/// The fixed weights of graph convolutions, and the edges that they belong to: those of the graph and the self loops
/// that a convolution adds.
struct ConvolutionWeights {
    EdgesByTarget edges;
    std::vector<EdgeWeights> layers;  ///< of each GCNConv, in their order; all alike but for the name
};

/// Empty for a model without GCNConv.
ConvolutionWeights convolution_weights(const Sequential& model, const Graph& graph);

}  // namespace tapegrad
