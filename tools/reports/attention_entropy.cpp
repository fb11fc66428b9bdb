#include "tools/reports/attention_entropy.hpp"

#include <algorithm>
#include <cmath>

namespace tapegrad {
namespace {

constexpr std::size_t bin_count = 24;

void count(std::vector<std::int64_t>& counts, double entropy, double end) {
    // Equal coefficients may lie just at the edge of two bins (ln 13 does where `end` is ln 169), and those of a head
    // that are equal but for rounding must not fall one lower.
    constexpr double slack = 0.02;
    const auto bin = static_cast<std::size_t>(std::max(0.0, entropy / end * bin_count) + slack);
    ++counts[std::min(bin, bin_count - 1)];
}

}  // namespace

double attention_entropy(const EdgesByTarget& edges, const EdgeWeights& attention, std::size_t node,
                         std::int64_t head) {
    double entropy = 0;
    for (std::int32_t edge = edges.offsets[node]; edge < edges.offsets[node + 1]; ++edge)
        if (const double alpha = attention.at(edge, head); alpha > 0) entropy -= alpha * std::log(alpha);
    return entropy;
}

double uniform_entropy(const EdgesByTarget& edges, std::size_t node) {
    return edges.into(node) == 0 ? 0 : std::log(edges.into(node));
}

EntropyHistograms entropy_histograms(const EdgesByTarget& edges, const EdgeWeights& attention) {
    const auto heads = static_cast<std::size_t>(attention.heads);
    EntropyHistograms result{.uniform = std::vector<std::int64_t>(bin_count),
                             .heads = {heads, std::vector<std::int64_t>(bin_count)},
                             .means = std::vector<double>(heads),
                             .mean_uniform = 0};
    const std::size_t nodes = edges.offsets.size() - 1;
    double end = std::log(2.0);  // a bin has a width, even where no node has two neighbours
    for (std::size_t node = 0; node < nodes; ++node) end = std::max(end, uniform_entropy(edges, node));
    for (std::size_t bin = 0; bin <= bin_count; ++bin)
        result.bins.push_back(end * static_cast<double>(bin) / bin_count);

    double counted = 0;
    for (std::size_t node = 0; node < nodes; ++node) {
        if (edges.into(node) == 0) continue;
        ++counted;
        count(result.uniform, uniform_entropy(edges, node), end);
        result.mean_uniform += uniform_entropy(edges, node);
        for (std::size_t head = 0; head < heads; ++head) {
            const double entropy = attention_entropy(edges, attention, node, static_cast<std::int64_t>(head));
            count(result.heads[head], entropy, end);
            result.means[head] += entropy;
        }
    }
    if (counted == 0) return result;
    result.mean_uniform /= counted;
    for (double& mean : result.means) mean /= counted;
    return result;
}

}  // namespace tapegrad
