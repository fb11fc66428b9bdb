#include "datasets/graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <vector>

#include "autograd/errors.hpp"
#include "datasets/transforms.hpp"

namespace tapegrad {

namespace {

std::vector<Edge> sorted_by_target(std::vector<Edge> edges) {
    std::ranges::stable_sort(edges, [](const Edge& a, const Edge& b) {
        return std::tie(a.target, a.source) < std::tie(b.target, b.source);
    });
    return edges;
}

Grouping group_edges_by(std::int32_t Edge::*end, const BackendPtr& backend, const std::vector<Edge>& edges,
                        std::int64_t nodes) {
    std::vector<std::int32_t> ends;
    ends.reserve(edges.size());
    for (const Edge& edge : edges) ends.push_back(edge.*end);
    return make_grouping(backend, ends, nodes);
}

SparseMatrix normalise_adjacency(const BackendPtr& backend, const std::vector<Edge>& edges, std::int64_t nodes,
                                 DType dtype) {
    std::vector<double> degree(static_cast<std::size_t>(nodes));
    for (const Edge& edge : edges) ++degree[static_cast<std::size_t>(edge.target)];
    std::vector<double> values;
    values.reserve(edges.size());
    for (const Edge& edge : edges)
        values.push_back(1 / std::sqrt(degree[static_cast<std::size_t>(edge.target)] *
                                       degree[static_cast<std::size_t>(edge.source)]));
    return {from_values(backend, {static_cast<std::int64_t>(values.size())}, values, dtype),
            group_edges_by(&Edge::target, backend, edges, nodes), group_edges_by(&Edge::source, backend, edges, nodes)};
}

}  // namespace

Graph make_graph(const BackendPtr& backend, std::span<const Edge> edges, std::int64_t nodes, DType dtype) {
    // Each node may add a self loop, and every edge needs an i32 number.
    constexpr std::int64_t limit = std::numeric_limits<std::int32_t>::max();
    if (nodes > limit || static_cast<std::int64_t>(edges.size()) > limit - std::max<std::int64_t>(nodes, 0))
        throw IndexError("make_graph", fmt::format("at most {} nodes and edges together", limit),
                         fmt::format("{} nodes and {} edges", nodes, edges.size()), "use a smaller graph");
    const std::vector<Edge> sorted = sorted_by_target({edges.begin(), edges.end()});
    const std::vector<Edge> with_loops = sorted_by_target(add_self_loops(sorted, static_cast<std::int32_t>(nodes)));
    return {nodes, group_edges_by(&Edge::source, backend, sorted, nodes),
            group_edges_by(&Edge::target, backend, sorted, nodes),
            normalise_adjacency(backend, with_loops, nodes, dtype)};
}

}  // namespace tapegrad
