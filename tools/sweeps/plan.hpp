// The runs of a sweep: one for each seed and each combination of values of the grid.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tools/configs/merge.hpp"
#include "tools/configs/sweep.hpp"

namespace tapegrad {

struct SweepRun {
    std::string name;              ///< "learning_rate=0.005,seed=3", which is the name of its folder
    std::filesystem::path folder;  ///< in that of the sweep
    nlohmann::json config;         ///< complete
    nlohmann::json point;          ///< what the grid says: {"optimizer.learning_rate": 0.005}; empty without a grid
    std::int64_t seed;
};

struct SweepFolders {
    std::filesystem::path of_sweep;
    std::filesystem::path of_config;  ///< from which paths among the values are seen
};

/// All runs of a config, the seeds of one point of the grid after each other. It has to be complete only with the
/// values of a point (a grid over a "type" brings other defaults). Without `seeds` the config's seed is the only one.
/// The name of a run depends on nothing but its own values and the keys of the axes, so that a sweep may grow. Throws
/// ConfigError for more than 100,000 runs, two axes of one key, seeds together with a grid over "seed", and a value
/// that the config may not have.
std::vector<SweepRun> plan_sweep(const MergedConfig& base, std::span<const std::int64_t> seeds,
                                 std::span<const GridAxis> axes, const SweepFolders& folders);

}  // namespace tapegrad
