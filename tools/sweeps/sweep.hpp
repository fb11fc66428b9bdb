// Many runs in one command.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tools/sweeps/plan.hpp"
#include "tools/sweeps/summary.hpp"
#include "tools/training/run_description.hpp"

namespace tapegrad {

/// What is to be done for a planned run.
enum class RunState {
    absent,  ///< it begins
    begun,   ///< it is gone on with
    ended,   ///< its result is taken
};

/// What the folder of a run holds, which would be described as `now` if it began now (the backend does not count).
/// Throws ConfigError, with the differences, if it is another run: another config but for `threads`, another version,
/// other data, other initial weights.
RunState state_of(const SweepRun& run, const RunDescription& now);

/// The states of all runs; each data set is loaded once. Throws as `state_of` and loading do.
std::vector<RunState> states_of(const std::vector<SweepRun>& runs, const std::string& initial_weights);

/// A table for a person: which runs there would be and what is to be done for each.
std::string to_text(const std::vector<SweepRun>& runs, const std::vector<RunState>& states);

struct SweepOptions {
    std::filesystem::path folder;
    int jobs;                     ///< runs at a time, at most
    int threads;                  ///< shared by the runs at a time, where their configs leave the number open
    bool overwrite = false;       ///< train all runs anew: what their folders hold is removed first
    std::string initial_weights;  ///< as in RunDescription
};

/// Trains what is not there yet by `train_one(run, resume)`, each in a process of its own, and shows how it goes on
/// stderr. The results are in the order of the runs; those that were not begun before an interruption are left out.
/// Nothing is trained if `states_of` throws. Throws ConfigError for a folder that cannot be written to, or that another
/// process has.
std::vector<SweepResult> run_sweep(const std::vector<SweepRun>& runs, const SweepOptions& options,
                                   const std::function<void(const SweepRun& run, bool resume)>& train_one);

}  // namespace tapegrad
