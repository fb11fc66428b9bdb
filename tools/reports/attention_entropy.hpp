// How attentive a layer is: the entropy of the coefficients with which a node weighs its neighbours, as in the tutorial
// of the Deep Graph Library on graph attention.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/reports/model_analysis.hpp"

namespace tapegrad {

/// -sum_j alpha_ij ln alpha_ij over the edges into node i, in nats: ln(in-degree) where all count alike, 0 where one
/// neighbour is heard alone or there is none.
double attention_entropy(const EdgesByTarget& edges, const EdgeWeights& attention, std::size_t node, std::int64_t head);

/// That of equal coefficients, ln(in-degree); 0 for a node without edges.
double uniform_entropy(const EdgesByTarget& edges, std::size_t node);

/// Counts of the nodes that have edges, by entropy.
struct EntropyHistograms {
    std::vector<double> bins;                      ///< [B + 1]: where each begins, then the end of the last, in nats
    std::vector<std::int64_t> uniform;             ///< [B]: of equal coefficients
    std::vector<std::vector<std::int64_t>> heads;  ///< [H][B]
    std::vector<double> means;                     ///< [H]: over these nodes, in nats
    double mean_uniform;
};

EntropyHistograms entropy_histograms(const EdgesByTarget& edges, const EdgeWeights& attention);

}  // namespace tapegrad
