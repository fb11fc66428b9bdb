// Runs that differ in nothing but their seed, and so are repetitions of one experiment.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tools/comparisons/run_record.hpp"

namespace tapegrad {

struct RunGroup {
    std::string name;
    nlohmann::json config;        ///< `without_seed`
    std::vector<RunRecord> runs;  ///< by seed, each seed once
};

/// A run that does not count.
struct LeftOut {
    std::filesystem::path folder;
    std::string reason;
};

struct GroupedRuns {
    std::vector<RunGroup> groups;
    std::vector<LeftOut> left_out;
};

/// The runs in folders, each of which is a run or holds runs. The runs of a folder make one group, named by the folder;
/// where their configs differ, a group for each config, named by the differences too. Runs that have not ended, that
/// are damaged or that repeat a seed are left out. Throws ConfigError for a folder without runs, and for one that is
/// given twice or lies in another, DataError for one whose runs are all left out.
GroupedRuns group_runs(std::span<const std::string> folders);

}  // namespace tapegrad
