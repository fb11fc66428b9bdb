// One run, from a config to a folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "tools/training/explanation.hpp"
#include "tools/training/weights.hpp"

namespace tapegrad {

struct RunOptions {
    std::filesystem::path folder;  ///< where its files go
    std::filesystem::path
        new_folder;              ///< without `folder`: this, or else the first of NAME-2, NAME-3... that is not there
    bool overwrite = false;      ///< replace the run that the folder holds
    bool resume = false;         ///< go on with the run that the folder holds, from the beginning if need be
    bool from_previous = false;  ///< go on from the checkpoint before the last one
    double checkpoint_seconds = 5;              ///< between two checkpoints
    std::filesystem::path weights;              ///< what to begin with in place of random weights; empty: those
    WeightNames names = WeightNames::tapegrad;  ///< of the tensors in `weights`
    std::optional<std::uint64_t> memory_limit;  ///< in bytes, for all tensors at a time
    bool quiet = false;                         ///< print nothing but the last line
    bool silent = false;                        ///< no last line either
    bool explain = false;                       ///< tell which ops ran and where the time went
    bool report = true;                         ///< write report.html
};

/// Trains the model that a complete config describes and writes all files of the run; a run that has ended already is
/// only told about. Returns what result.json holds. Throws ConfigError for a folder that cannot be used, or that holds
/// another run; TapeError for a loss that is not finite, with the op that made it first; Interrupted after Ctrl-C, with
/// a checkpoint written.
nlohmann::json train_run(const nlohmann::json& config, const RunOptions& options, PartTimes& parts);

}  // namespace tapegrad
