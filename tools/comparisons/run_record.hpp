// A finished run, as its folder tells it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tools/training/epoch_metrics.hpp"
#include "tools/training/run_description.hpp"

namespace tapegrad {

struct RunRecord {
    std::filesystem::path folder;
    nlohmann::json config;
    RunDescription description;
    nlohmann::json result;  ///< an object
    std::int64_t seed;
    std::vector<EpochMetrics> epochs;
    std::string remark;  ///< what is wrong with `epochs`, which are those that can be read then; else ""
};

/// Whether tools/train began a run in this folder.
bool holds_run(const std::filesystem::path& folder);

/// Reads a run that has ended. Throws ConfigError and DataError for files that are missing or damaged; metrics.jsonl
/// alone may be, which is remarked.
RunRecord read_run(const std::filesystem::path& folder);

}  // namespace tapegrad
