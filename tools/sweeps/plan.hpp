// The runs of a sweep: one for each seed and each combination of values of the grid.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tools/configs/sweep.hpp"

namespace tapegrad {

struct SweepRun {
    std::string name;              ///< "learning_rate=0.005,seed=3", which is the name of its folder
    std::filesystem::path folder;  ///< in that of the sweep
    nlohmann::json config;         ///< complete
    nlohmann::json point;          ///< what the grid says: {"optimizer.learning_rate": 0.005}; empty without a grid
    std::int64_t seed;
};

/// All runs of a config, which need not be complete (a grid over a "type" brings other defaults), the seeds of one
/// point of the grid after each other. Without `seeds` the config's seed is the only one. Throws ConfigError for more
/// than 100,000 runs, two axes of one key, seeds together with a grid over "seed", and a value that the config may not
/// have.
std::vector<SweepRun> plan_sweep(const nlohmann::json& config, std::span<const std::int64_t> seeds,
                                 std::span<const GridAxis> axes, const std::filesystem::path& folder);

}  // namespace tapegrad
