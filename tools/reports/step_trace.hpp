// A training step looked at: what it records, and which ops it spends its time in.
#pragma once

#include <vector>

#include <nlohmann/json.hpp>

#include "autograd/explain.hpp"
#include "nn/layers/sequential.hpp"
#include "tools/training/explanation.hpp"
#include "tools/training/graph_data.hpp"

namespace tapegrad {

struct StepTrace {
    std::vector<ExplainedNode> tape;  ///< of the forward pass and loss of one step, with times
    Explanation steps;                ///< of a few whole steps; without parts
};

/// Makes a few training steps as `config` (complete) says, on a copy of the model: `model` keeps its weights and
/// gradients.
StepTrace trace_training_steps(const Sequential& model, const GraphData& data, const nlohmann::json& config);

}  // namespace tapegrad
