// What a config describes, built.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <nlohmann/json.hpp>

#include "datasets/dataset.hpp"
#include "nn/layers/sequential.hpp"
#include "nn/optimizer.hpp"
#include "tools/training/explanation.hpp"
#include "tools/training/graph_data.hpp"

namespace tapegrad {

struct Experiment {
    BackendPtr backend;
    Dataset dataset;
    GraphData data;
    std::shared_ptr<Sequential> model;
    std::unique_ptr<Optimizer> optimizer;

    /// How many numbers are trained.
    std::int64_t parameter_count() const;
};

/// Opens the backend, loads the data and builds the model of a complete config; `parts` counts the time. With a memory
/// limit, in bytes, the backend gets it, once `check_memory` has found that training keeps it. Throws what these throw.
Experiment build_experiment(const nlohmann::json& config, PartTimes& parts,
                            std::optional<std::uint64_t> memory_limit = {});

}  // namespace tapegrad
