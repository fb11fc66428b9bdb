#include "tools/reports/node_view.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <utility>

#include "autograd/edit_distance.hpp"
#include "autograd/errors.hpp"

namespace tapegrad {
namespace {

// The number in "#NUMBER", or none.
std::optional<std::int32_t> number_of(const std::string& paper) {
    std::int32_t number = 0;
    if (paper.size() < 2 || paper.front() != '#') return std::nullopt;
    const auto [end, error] = std::from_chars(paper.data() + 1, paper.data() + paper.size(), number);
    return error == std::errc{} && end == paper.data() + paper.size() ? std::optional(number) : std::nullopt;
}

std::vector<std::string> nearest_names(const std::string& name, const std::vector<std::string>& names) {
    std::vector<std::pair<std::size_t, std::size_t>> distances;
    for (std::size_t i = 0; i < names.size(); ++i) distances.emplace_back(edit_distance(name, names[i]), i);
    const std::size_t count = std::min<std::size_t>(3, names.size());
    std::partial_sort(distances.begin(), distances.begin() + static_cast<std::ptrdiff_t>(count), distances.end());
    std::vector<std::string> nearest;
    for (std::size_t i = 0; i < count; ++i) nearest.push_back('"' + names[distances[i].second] + '"');
    return nearest;
}

}  // namespace

std::vector<Neighbour> neighbours_of(const LayerView& layer, std::int32_t node) {
    std::vector<Neighbour> neighbours;
    const auto i = static_cast<std::size_t>(node);
    for (std::int32_t edge = layer.edges.offsets[i]; edge < layer.edges.offsets[i + 1]; ++edge) {
        const auto first = layer.weights.weights.begin() + edge * layer.weights.heads;
        neighbours.push_back({layer.edges.sources[static_cast<std::size_t>(edge)],
                              layer.weight(edge),
                              {first, first + layer.weights.heads}});
    }
    std::ranges::stable_sort(neighbours, std::greater{}, &Neighbour::weight);
    return neighbours;
}

std::vector<FarNeighbour> far_neighbours_of(const LayerView& layer, const LayerView& before, std::int32_t node) {
    const std::vector<Neighbour> near = neighbours_of(layer, node);
    std::map<std::int32_t, FarNeighbour> found;
    std::map<std::int32_t, double> largest;
    for (const Neighbour& between : near)
        for (const Neighbour& end : neighbours_of(before, between.node)) {
            if (end.node == node || std::ranges::find(near, end.node, &Neighbour::node) != near.end()) continue;
            const double weight = between.weight * end.weight;
            FarNeighbour& far = found.try_emplace(end.node, FarNeighbour{end.node, 0, between.node}).first->second;
            far.weight += weight;
            if (double& most = largest[end.node]; weight > most) most = weight, far.via = between.node;
        }
    std::vector<FarNeighbour> result;
    for (const auto& [end, far] : found) result.push_back(far);
    std::ranges::stable_sort(result, std::greater{}, &FarNeighbour::weight);
    return result;
}

std::string NodeView::label(std::int32_t of) const {
    const std::int32_t label = dataset.labels[static_cast<std::size_t>(of)];
    return label == unlabelled ? "unknown" : dataset.class_names[static_cast<std::size_t>(label)];
}

std::string NodeView::predicted(std::int32_t of) const {
    return class_names[static_cast<std::size_t>(analysis.predicted[static_cast<std::size_t>(of)])];
}

std::string NodeView::split() const {
    const auto has = [&](const std::vector<std::int32_t>& nodes) { return std::ranges::binary_search(nodes, node); };
    return has(dataset.train) ? "train" : has(dataset.validation) ? "val" : has(dataset.test) ? "test" : "none";
}

std::int32_t find_node(const Dataset& dataset, const std::string& paper) {
    const auto found = std::ranges::find(dataset.node_names, paper);
    if (found != dataset.node_names.end()) return static_cast<std::int32_t>(found - dataset.node_names.begin());
    const std::optional<std::int32_t> number = number_of(paper);
    if (number && *number >= 0 && *number < dataset.nodes) return *number;
    throw ConfigError(
        "--node " + paper, fmt::format("a node of {}, by its name or as #0 to #{}", dataset.name, dataset.nodes - 1),
        number ? "a number beyond" : "an unknown name",
        fmt::format("The nearest names are {}",
                    fmt::join(nearest_names(number ? paper.substr(1) : paper, dataset.node_names), ", ")));
}

}  // namespace tapegrad
