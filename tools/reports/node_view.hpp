// What a model makes of one node: what is predicted, and which neighbours it hears.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "datasets/dataset.hpp"
#include "tools/reports/model_analysis.hpp"

namespace tapegrad {

/// The weights of a layer as they are looked at: those of one head, or the mean over all.
struct LayerView {
    const EdgesByTarget& edges;
    const EdgeWeights& weights;
    std::string type;  ///< as configs name it
    bool attends;      ///< else the weights are fixed
    std::optional<std::int64_t> head{};

    double weight(std::int64_t edge) const { return head ? weights.at(edge, *head) : weights.mean(edge); }
};

/// A node that another one hears.
struct Neighbour {
    std::int32_t node;
    double weight;             ///< of the edge, in the LayerView
    std::vector<float> heads;  ///< [H]
};

/// The sources of the edges into `node`, the one of the largest weight first.
std::vector<Neighbour> neighbours_of(const LayerView& layer, std::int32_t node);

/// A node that is heard through another one.
struct FarNeighbour {
    std::int32_t node;
    double weight;     ///< sum over the ways j of weight(node <- j) in one layer * weight(j <- this) in the one before
    std::int32_t via;  ///< the j of the largest term
};

/// The nodes that reach `node` over two edges but not over one, the one of the largest weight first: attention rollout
/// (Abnar and Zuidema, ACL 2020) over two layers.
std::vector<FarNeighbour> far_neighbours_of(const LayerView& layer, const LayerView& before, std::int32_t node);

struct NodeView {
    const Dataset& dataset;
    const std::vector<std::string>& class_names;  ///< of the model
    const ModelAnalysis& analysis;
    std::int32_t node;
    std::vector<LayerView> layers;  ///< to look at, in their order; may be empty
    /// The one before the last of `layers` that weighs neighbours, as the mean of its heads; none where that is the
    /// first of the model.
    std::optional<LayerView> layer_before{};
    bool two_hops = false;  ///< nodes two hops away are looked at too

    const std::string& name(std::int32_t of) const { return dataset.node_names[static_cast<std::size_t>(of)]; }
    /// "unknown" without a label.
    std::string label(std::int32_t of) const;
    std::string predicted(std::int32_t of) const;
    /// "train", "val", "test" or "none".
    std::string split() const;
    /// The nodes two hops away that are heard through `layer_before` and then the last of `layers`; none unless
    /// `two_hops`.
    std::vector<FarNeighbour> far_neighbours() const;
};

}  // namespace tapegrad
