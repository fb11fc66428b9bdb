// Graphs of the kinds at which graph code goes wrong.
#pragma once

#include <numeric>
#include <string>
#include <vector>

#include "tests/nn/nn_fixture.hpp"

namespace tapegrad::testing {

struct GraphKind {
    std::string name;
    std::int64_t nodes;
    std::vector<Edge> edges;
};

inline std::vector<GraphKind> graph_kinds(HostRandom& random) {
    std::vector<GraphKind> kinds = {{"no edges", 5, {}}, {"one node", 1, {}}, {"one node with a loop", 1, {{0, 0}}}};
    GraphKind in_star{"star, inwards", 40, {}}, out_star{"star, outwards", 40, {}}, chain{"chain", 30, {}},
        clique{"clique with loops", 9, {}}, duplicates{"every edge three times", 12, {}}, loops{"loops alone", 7, {}},
        isolated{"10 % isolated", 50, {}};
    for (std::int32_t i = 1; i < 40; ++i) {
        in_star.edges.push_back({i, 0});
        out_star.edges.push_back({0, i});
    }
    for (std::int32_t i = 1; i < 30; ++i) chain.edges.push_back({i - 1, i});
    for (std::int32_t i = 0; i < 9; ++i)
        for (std::int32_t j = 0; j < 9; ++j) clique.edges.push_back({i, j});
    for (const Edge& edge : random_edges(20, 12, random)) duplicates.edges.insert(duplicates.edges.end(), 3, edge);
    for (std::int32_t i = 0; i < 7; ++i) loops.edges.push_back({i, i});
    isolated.edges = random_edges(160, 45, random);  // of 50 nodes
    for (GraphKind* const kind : {&in_star, &out_star, &chain, &clique, &duplicates, &loops, &isolated})
        kinds.push_back(std::move(*kind));
    for (int i = 0; i < 8; ++i) {
        const std::int64_t nodes = 2 + random.integer(60);
        kinds.push_back({"random graph " + std::to_string(i), nodes,
                         random_edges(static_cast<std::size_t>(random.integer(4 * nodes)), nodes, random)});
    }
    return kinds;
}

/// A random order of 0 .. count-1.
inline std::vector<std::int32_t> permutation(std::int64_t count, HostRandom& random) {
    std::vector<std::int32_t> order(static_cast<std::size_t>(count));
    std::iota(order.begin(), order.end(), 0);
    for (std::size_t i = order.size(); i > 1; --i)
        std::swap(order[i - 1], order[static_cast<std::size_t>(random.integer(static_cast<std::int64_t>(i)))]);
    return order;
}

}  // namespace tapegrad::testing
