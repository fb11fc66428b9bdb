// A data set as a training loop uses it: prepared as the config says, on a backend.
#pragma once

#include <cstdint>

#include <nlohmann/json.hpp>

#include "datasets/dataset.hpp"
#include "nn/losses.hpp"
#include "nn/module.hpp"

namespace tapegrad {

/// What a model sees of a data set.
struct GraphInput {
    Graph graph;
    Value features;  ///< [nodes, feature_count]
    std::int64_t feature_count;
};

struct GraphData : GraphInput {
    std::int64_t classes;
    LabelledRows train, validation, test;
};

/// Does with the edges and features of `dataset` what the config's "dataset" says; labels and split may be missing.
GraphInput prepare_graph_input(const Dataset& dataset, const nlohmann::json& settings, const BackendPtr& backend);

/// The same with labels and split. Throws DataError for a split without nodes.
GraphData prepare_graph_data(const Dataset& dataset, const nlohmann::json& settings, const BackendPtr& backend);

}  // namespace tapegrad
