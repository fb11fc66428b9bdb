#include "datasets/graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

#include "autograd/errors.hpp"
#include "datasets/transforms.hpp"

namespace tapegrad {

namespace {

using Indices = std::vector<std::int32_t>;

// Each node may add a self loop, and every edge needs an i32 number.
void check_counts(std::int64_t nodes, std::size_t edges) {
    constexpr std::int64_t limit = std::numeric_limits<std::int32_t>::max();
    if (nodes > limit || static_cast<std::int64_t>(edges) > limit - std::max<std::int64_t>(nodes, 0))
        throw IndexError("make_graph", fmt::format("at most {} nodes and edges together", limit),
                         fmt::format("{} nodes and {} edges", nodes, edges), "use a smaller graph");
}

std::vector<Edge> sorted_by_target(std::vector<Edge> edges) {
    std::ranges::stable_sort(edges, [](const Edge& a, const Edge& b) {
        return std::tie(a.target, a.source) < std::tie(b.target, b.source);
    });
    return edges;
}

Indices ends_of(const std::vector<Edge>& edges, std::int32_t Edge::*end) {
    Indices ends;
    ends.reserve(edges.size());
    for (const Edge& edge : edges) ends.push_back(edge.*end);
    return ends;
}

SparseMatrix normalise(const Graph& graph) {
    const Indices sources = graph.sources.index.values<std::int32_t>();
    const Indices targets = graph.targets.index.values<std::int32_t>();
    std::vector<Edge> edges;
    edges.reserve(sources.size() + static_cast<std::size_t>(graph.nodes));
    for (std::size_t edge = 0; edge < sources.size(); ++edge) edges.push_back({sources[edge], targets[edge]});
    edges = sorted_by_target(add_self_loops(std::move(edges), static_cast<std::int32_t>(graph.nodes)));

    std::vector<double> degree(static_cast<std::size_t>(graph.nodes));
    for (const Edge& edge : edges) ++degree[static_cast<std::size_t>(edge.target)];
    std::vector<double> values;
    values.reserve(edges.size());
    for (const Edge& edge : edges)
        values.push_back(1 / std::sqrt(degree[static_cast<std::size_t>(edge.target)] *
                                       degree[static_cast<std::size_t>(edge.source)]));
    const BackendPtr& backend = graph.targets.index.backend();
    return {from_values(backend, {static_cast<std::int64_t>(values.size())}, values, graph.dtype),
            make_grouping(backend, ends_of(edges, &Edge::target), graph.nodes),
            make_grouping(backend, ends_of(edges, &Edge::source), graph.nodes)};
}

}  // namespace

const SparseMatrix& Graph::normalised_adjacency() const {
    std::call_once(normalised_->made, [this] { normalised_->matrix = normalise(*this); });
    return normalised_->matrix;
}

Graph make_graph(const BackendPtr& backend, std::span<const Edge> edges, std::int64_t nodes, DType dtype) {
    check_counts(nodes, edges.size());
    const std::vector<Edge> sorted = sorted_by_target({edges.begin(), edges.end()});
    for (const Edge& edge : sorted)
        if (std::min(edge.source, edge.target) < 0 || std::max(edge.source, edge.target) >= nodes)
            throw IndexError("make_graph", fmt::format("edges between nodes 0 to {}", nodes - 1),
                             fmt::format("{} -> {}", edge.source, edge.target),
                             "pass the number of nodes of the data set");
    Graph graph;
    graph.nodes = nodes;
    graph.sources = make_grouping(backend, ends_of(sorted, &Edge::source), nodes);
    graph.targets = make_grouping(backend, ends_of(sorted, &Edge::target), nodes);
    graph.dtype = dtype;
    return graph;
}

Graph make_graph(const BackendPtr& backend, std::span<const std::int32_t> offsets,
                 std::span<const std::int32_t> sources, DType dtype) {
    if (!are_offsets(offsets, sources.size()))
        throw ShapeError("make_graph", "offsets that rise from 0 to the number of sources",
                         fmt::format("{} offsets and {} sources", offsets.size(), sources.size()),
                         "check the CSR arrays");
    const auto nodes = static_cast<std::int64_t>(offsets.size()) - 1;
    check_counts(nodes, sources.size());
    Graph graph;
    graph.nodes = nodes;
    graph.sources = make_grouping(backend, sources, nodes);
    graph.targets = contiguous_grouping(backend, offsets);
    graph.dtype = dtype;
    return graph;
}

}  // namespace tapegrad
