#include "tools/benchmarks/synthetic_graph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <limits>
#include <numbers>
#include <numeric>
#include <string>
#include <utility>

#include "autograd/errors.hpp"
#include "tools/benchmarks/alias_table.hpp"

namespace tapegrad {
namespace {

using Indices = std::vector<std::int32_t>;

// Random streams that never meet: the second word of the counter.
enum Stream : std::uint32_t { order_of_weights = 1, ends_of_edges = 2, normal_features = 3, classes_of_nodes = 4 };

std::array<std::uint32_t, 4> draw(std::uint64_t number, Stream stream, std::uint64_t seed) {
    return philox({static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(number >> 32), stream, 0},
                  {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
}

// Uniform in 0 .. count-1, up to a bias of count / 2^32.
std::int64_t below(std::int64_t count, std::uint32_t word) {
    return static_cast<std::int64_t>((static_cast<std::uint64_t>(word) * static_cast<std::uint64_t>(count)) >> 32);
}

std::vector<double> shuffled_weights(std::int64_t nodes, std::uint64_t seed) {
    std::vector<double> weights;
    for (std::int64_t k = 0; k < nodes; ++k) weights.push_back(1 / std::sqrt(static_cast<double>(k) + 10));
    for (std::int64_t k = nodes - 1; k > 0; --k) {
        const std::int64_t other = below(k + 1, draw(static_cast<std::uint64_t>(k), order_of_weights, seed)[0]);
        std::swap(weights[static_cast<std::size_t>(k)], weights[static_cast<std::size_t>(other)]);
    }
    return weights;
}

// One end of every edge and the other one.
struct Ends {
    Indices one, other;
};

Ends draw_ends(std::int64_t nodes, std::int64_t edges, std::uint64_t seed) {
    const AliasTable by_weight(shuffled_weights(nodes, seed));
    Ends ends;
    ends.one.reserve(static_cast<std::size_t>(edges));
    ends.other.reserve(static_cast<std::size_t>(edges));
    for (std::int64_t edge = 0; edge < edges; ++edge) {
        const auto words = draw(static_cast<std::uint64_t>(edge), ends_of_edges, seed);
        const std::int32_t one = by_weight.pick(words[0], words[1]), other = by_weight.pick(words[2], words[3]);
        if (one == other) continue;
        ends.one.push_back(one);
        ends.other.push_back(other);
    }
    return ends;
}

// The neighbours of every node, itself among them, in no order.
CsrGraph neighbours(std::int64_t nodes, const Ends& ends) {
    CsrGraph graph;
    graph.offsets.assign(static_cast<std::size_t>(nodes) + 1, 1);
    graph.offsets[0] = 0;
    for (const Indices& side : {std::cref(ends.one), std::cref(ends.other)})
        for (const std::int32_t node : side) ++graph.offsets[static_cast<std::size_t>(node) + 1];
    std::partial_sum(graph.offsets.begin(), graph.offsets.end(), graph.offsets.begin());

    graph.sources.resize(static_cast<std::size_t>(graph.offsets.back()));
    Indices next(graph.offsets.begin(), graph.offsets.end() - 1);
    const auto add = [&](std::int32_t source, std::int32_t target) {
        graph.sources[static_cast<std::size_t>(next[static_cast<std::size_t>(target)]++)] = source;
    };
    for (std::int32_t node = 0; node < nodes; ++node) add(node, node);
    for (std::size_t edge = 0; edge < ends.one.size(); ++edge) {
        add(ends.one[edge], ends.other[edge]);
        add(ends.other[edge], ends.one[edge]);
    }
    return graph;
}

// The same graph with ascending sources, if every edge has its reverse: walked by target in order, each node meets its
// neighbours in order.
CsrGraph sorted(const CsrGraph& graph) {
    CsrGraph result{graph.offsets, Indices(graph.sources.size())};
    Indices next(graph.offsets.begin(), graph.offsets.end() - 1);
    for (std::size_t target = 0; target + 1 < graph.offsets.size(); ++target)
        for (std::int32_t entry = graph.offsets[target]; entry < graph.offsets[target + 1]; ++entry) {
            const auto neighbour = static_cast<std::size_t>(graph.sources[static_cast<std::size_t>(entry)]);
            result.sources[static_cast<std::size_t>(next[neighbour]++)] = static_cast<std::int32_t>(target);
        }
    return result;
}

// By the Box-Muller transform, two numbers from two words.
Tensor random_features(std::int64_t nodes, const RandomData& data, const BackendPtr& backend) {
    std::vector<float> values(static_cast<std::size_t>(nodes * data.features));
    for (std::size_t begin = 0; begin < values.size(); begin += 4) {
        const auto words = draw(begin / 4, normal_features, data.seed);
        const auto pair = [&](std::size_t word) {
            const float radius = std::sqrt(-2 * std::log((static_cast<float>(words[word]) + 1) * 0x1p-32F));
            const float angle = 2 * std::numbers::pi_v<float> * (static_cast<float>(words[word + 1]) * 0x1p-32F);
            return std::array{radius * std::cos(angle), radius * std::sin(angle)};
        };
        const auto [a, b] = pair(0);
        const auto [c, d] = pair(2);
        const std::array four{a, b, c, d};
        std::copy_n(four.begin(), std::min<std::size_t>(4, values.size() - begin),
                    values.begin() + static_cast<std::ptrdiff_t>(begin));
    }
    return from_values(backend, {nodes, data.features}, std::span<const float>(values));
}

LabelledRows random_labels(std::int64_t first, std::int64_t last, std::int64_t nodes, const RandomData& data,
                           const BackendPtr& backend) {
    Indices rows(static_cast<std::size_t>(last - first)), labels(static_cast<std::size_t>(nodes));
    std::iota(rows.begin(), rows.end(), static_cast<std::int32_t>(first));
    for (std::size_t node = 0; node < labels.size(); ++node)
        labels[node] = static_cast<std::int32_t>(below(data.classes, draw(node, classes_of_nodes, data.seed)[0]));
    return make_labelled_rows(backend, rows, labels, data.classes);
}

}  // namespace

CsrGraph power_law_graph(std::int64_t nodes, std::int64_t undirected_edges, std::uint64_t seed) {
    constexpr std::int64_t limit = std::numeric_limits<std::int32_t>::max();
    if (nodes < 1 || undirected_edges < 0 || undirected_edges > limit || nodes > limit ||
        2 * undirected_edges + 2 * nodes > limit)
        throw IndexError("power_law_graph", fmt::format("a node, and at most {} edges with both directions", limit),
                         fmt::format("{} nodes and {} edges", nodes, undirected_edges), "choose another size");
    CsrGraph unsorted = neighbours(nodes, draw_ends(nodes, undirected_edges, seed));
    return sorted(unsorted);
}

GraphData with_random_data(const CsrGraph& graph, const RandomData& data, const BackendPtr& backend) {
    const std::int64_t nodes = graph.nodes(), half = nodes / 2;
    if (half < 1)
        throw DataError("a graph for training", "at least 2 nodes", fmt::format("{}", nodes), "Use a larger one");
    const LabelledRows others = random_labels(half, nodes, nodes, data, backend);
    return {{make_graph(backend, graph.offsets, graph.sources), random_features(nodes, data, backend), data.features},
            data.classes,
            random_labels(0, half, nodes, data, backend),
            others,
            others};
}

}  // namespace tapegrad
