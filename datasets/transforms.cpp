#include "datasets/transforms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "autograd/errors.hpp"

namespace tapegrad {

std::vector<Edge> symmetrise(std::vector<Edge> edges) {
    const std::size_t given = edges.size();
    edges.reserve(2 * given);
    for (std::size_t i = 0; i < given; ++i) {
        const auto [source, target] = edges[i];
        if (source != target) edges.push_back({target, source});
    }
    return edges;
}

std::vector<Edge> merge_duplicates(std::vector<Edge> edges) {
    std::sort(edges.begin(), edges.end(),
              [](const Edge& a, const Edge& b) { return std::tie(a.target, a.source) < std::tie(b.target, b.source); });
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
    return edges;
}

std::vector<Edge> add_self_loops(std::vector<Edge> edges, std::int32_t nodes) {
    if (nodes < 0)
        throw IndexError("add_self_loops", "a number of nodes from 0 on", std::to_string(nodes),
                         "Pass the number of nodes of the data set");
    std::vector<bool> has_loop(static_cast<std::size_t>(nodes));
    for (const auto& [source, target] : edges) {
        if (std::min(source, target) < 0 || std::max(source, target) >= nodes)
            throw IndexError("add_self_loops", fmt::format("edges between nodes 0 to {}", nodes - 1),
                             fmt::format("{} -> {}", source, target), "Pass the number of nodes of the data set");
        if (source == target) has_loop[source] = true;
    }
    for (std::int32_t node = 0; node < nodes; ++node)
        if (!has_loop[node]) edges.push_back({node, node});
    return edges;
}

std::vector<Edge> remove_self_loops(std::vector<Edge> edges) {
    std::erase_if(edges, [](const Edge& edge) { return edge.source == edge.target; });
    return edges;
}

SparseRows normalise_rows(SparseRows features) {
    for (std::int64_t row = 0; row < features.rows; ++row) {
        const auto first = features.values.begin() + features.row_offsets[row];
        const auto last = features.values.begin() + features.row_offsets[row + 1];
        const double sum = std::accumulate(first, last, 0.0);
        if (sum == 0.0) continue;
        std::transform(first, last, first, [sum](float value) { return static_cast<float>(value / sum); });
        if (!std::all_of(first, last, [](float value) { return std::isfinite(value); }))
            throw DataError(fmt::format("normalise_rows, node {}", row), "features that can be divided by their sum",
                            fmt::format("the sum {}", sum), "Scale the features, or do without normalisation");
    }
    return features;
}

}  // namespace tapegrad
