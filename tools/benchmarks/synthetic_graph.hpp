// Graphs for measurements: random ones of a given size, and ones from a file of edges.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "tools/training/graph_data.hpp"

namespace tapegrad {

/// A graph on the host in CSR form: the edges into node i come from sources[offsets[i]] .. sources[offsets[i + 1] - 1].
struct CsrGraph {
    std::vector<std::int32_t> offsets{0};  ///< [nodes + 1]
    std::vector<std::int32_t> sources;

    std::int64_t nodes() const { return static_cast<std::int64_t>(offsets.size()) - 1; }
};

/// A power-law graph: node weights (k + 10)^-0.5 for k = 0, 1, .. in random order; both ends of each of the
/// `undirected_edges` are drawn by weight; pairs of equal ends are dropped; then come the reverse of every edge, and a
/// self loop for every node. Doubles stay; the sources of a node ascend. Equal seeds give equal graphs. Throws
/// IndexError for more than i32 counts.
CsrGraph power_law_graph(std::int64_t nodes, std::int64_t undirected_edges, std::uint64_t seed);

/// What a graph is trained with when it has no data of its own: [nodes, features] standard normal features and random
/// classes. The first half of the nodes trains; the other half validates and tests.
struct RandomData {
    std::int64_t features;
    std::int64_t classes;
    std::uint64_t seed;
};
GraphData with_random_data(const CsrGraph& graph, const RandomData& data, const BackendPtr& backend);

/// What a file of edges says it holds.
struct EdgeCounts {
    std::int64_t nodes;
    std::int64_t edges;
};

/// Reads i32 N, E alone. Throws DataError for a file that is missing, of another length than E edges have, or with
/// N > 2 E: more nodes than edges have ends.
EdgeCounts read_edge_counts(const std::filesystem::path& file);

/// Reads i32 N, E, then E sources and E targets, sorted by target. Throws what read_edge_counts throws, before anything
/// of that size is made, and DataError for edges that are not sorted or have an end outside 0 .. N-1.
CsrGraph read_edges(const std::filesystem::path& file);

/// Writes what `read_edges` reads. Throws DataError for a file that cannot be written.
void write_edges(const Graph& graph, const std::filesystem::path& file);

/// Writes everything that training needs, for programs that train on the same data: i32 N, E, F, C and the numbers of
/// rows to train, validate and test on; E sources, E targets; N x F f32 features; then the rows and the classes of
/// each of the three.
void write_graph_data(const GraphData& data, const std::filesystem::path& file);

}  // namespace tapegrad
