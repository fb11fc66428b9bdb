// Many runs in one command.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tools/sweeps/plan.hpp"
#include "tools/sweeps/summary.hpp"

namespace tapegrad {

/// What is to be done for a planned run.
enum class RunState {
    absent,  ///< it begins
    begun,   ///< it is gone on with
    ended,   ///< its result is taken
};

/// What the folder of a run holds. Throws ConfigError, with the differences, if it is another run: another config but
/// for `threads`, another version, other data (`digest`).
RunState state_of(const SweepRun& run, const std::string& digest);

/// The digest of the data set of each run (RunDescription), each data set loaded once. Throws what loading throws.
std::vector<std::string> digests_of(const std::vector<SweepRun>& runs);

struct SweepOptions {
    std::filesystem::path folder;
    int jobs;                ///< runs at a time
    bool overwrite = false;  ///< train all runs anew, whatever their folders hold
};

/// Trains what is not there yet by `train_one(run, resume)`, each in a process of its own, and shows how it goes on
/// stderr. The results are in the order of the runs; those that were not begun before an interruption are left out.
/// Nothing is trained if `state_of` throws for one of them.
std::vector<SweepResult> run_sweep(const std::vector<SweepRun>& runs, const SweepOptions& options,
                                   const std::function<void(const SweepRun& run, bool resume)>& train_one);

}  // namespace tapegrad
