// What a run would train, without training it.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "tools/training/training.hpp"

namespace tapegrad {

/// Text for a person: the complete config, a table of the parameters, the memory of one training step as the backend
/// counts it, and the nodes on the tape of that step. It is made by training two steps, which change the weights of
/// `model`. Throws as `train_step` does.
std::string dry_run(const nlohmann::json& config, Module& model, Optimizer& optimizer, const GraphData& data,
                    const TrainingOptions& options);

/// A table of the parameters of `model`: name, shape, how many numbers and bytes, weight decay by the config's
/// "optimizer".
std::string parameter_table(const Module& model, const nlohmann::json& optimizer_settings);

/// What one training step needs, in bytes. Blocks of memory are a little larger than what lies in them; what the
/// backend counts has whole blocks.
struct StepMemory {
    std::size_t parameters, gradients, moments;
    std::size_t features;
    std::size_t graph;  ///< counted: all else that stays from step to step, the labels too
    std::size_t saved;  ///< counted: what the forward pass leaves for backward
    std::size_t peak;   ///< counted: of a whole step, with all of the above
};

/// Trains two steps and counts; `tape` becomes the table of `explain` for a forward pass.
StepMemory measure_step(Module& model, Optimizer& optimizer, const GraphData& data, const TrainingOptions& options,
                        std::string& tape);

}  // namespace tapegrad
