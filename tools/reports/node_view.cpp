#include "tools/reports/node_view.hpp"

#include <algorithm>
#include <functional>
#include <map>

namespace tapegrad {

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

std::vector<FarNeighbour> NodeView::far_neighbours() const {
    if (!two_hops || layers.empty() || !layer_before) return {};
    return far_neighbours_of(layers.back(), *layer_before, node);
}

}  // namespace tapegrad
