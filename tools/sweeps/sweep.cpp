#include "tools/sweeps/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <system_error>

#include "autograd/errors.hpp"
#include "datasets/load.hpp"
#include "tools/common/log.hpp"
#include "tools/common/output.hpp"
#include "tools/configs/config.hpp"
#include "tools/configs/differences.hpp"
#include "tools/data/known_datasets.hpp"
#include "tools/sweeps/child_runs.hpp"
#include "tools/sweeps/sweep_progress.hpp"
#include "tools/training/run_folder.hpp"
#include "tools/training/run_result.hpp"

namespace tapegrad {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

[[noreturn]] void another_run(const SweepRun& run, const std::string& expected, const std::string& got) {
    throw ConfigError(fmt::format("run folder {}", run.folder.string()), expected, got,
                      "Choose another folder with --out, or give --overwrite to train all runs anew");
}

void check_same_config(const SweepRun& run) {
    json there = config_of_run(run.folder);
    complete_config(there, (run.folder / "config.json").string());
    there["threads"] = run.config.at("threads");  // changes no bit
    const std::vector<ConfigDifference> found = differences(there, run.config);
    if (!found.empty())
        another_run(run, "a run of the same config", fmt::format("another one:\n{}", to_text(found, "there", "now")));
}

std::string in_words(const std::string& initial_weights) {
    return initial_weights.empty() ? "random weights" : fmt::format("the weights {}", initial_weights);
}

// How each run would be described now.
std::vector<RunDescription> descriptions_of(const std::vector<SweepRun>& runs, const std::string& initial_weights) {
    std::map<std::string, RunDescription> of_dataset;
    std::vector<RunDescription> descriptions;
    for (const SweepRun& run : runs) {
        const std::string name = run.config.at("dataset").at("name");
        if (!of_dataset.contains(name)) {
            check_dataset_name(name);
            of_dataset[name] = describe_run(load_dataset(name, data_folders()));
            of_dataset[name].initial_weights = initial_weights;
        }
        descriptions.push_back(of_dataset[name]);
    }
    return descriptions;
}

void clear(const std::vector<SweepRun>& runs) {
    std::error_code error;
    for (const SweepRun& run : runs)
        if (fs::exists(run.folder, error)) RunFolder(run.folder, true);
}

// Trains the runs with these numbers, and puts what comes out to `results`.
void train_runs(const std::vector<SweepRun>& runs, const std::vector<RunState>& states,
                const std::vector<std::size_t>& numbers, int jobs, int threads,
                const std::function<void(const SweepRun& run, bool resume)>& train_one, SweepProgress& progress,
                std::vector<std::optional<SweepResult>>& results) {
    run_in_children(
        numbers.size(), jobs,
        [&](std::size_t task) {
            if (logs(LogLevel::warning)) set_log_level(LogLevel::warning);
            SweepRun run = runs[numbers[task]];
            if (run.config.at("threads") == 0) run.config["threads"] = threads;
            train_one(run, states[numbers[task]] == RunState::begun);
        },
        [&](std::size_t task, const ChildOutcome& outcome) {
            if (outcome.interrupted) return;
            const SweepRun& run = runs[numbers[task]];
            SweepResult result{
                .run = run, .result = nullptr, .error = outcome.error, .wrong_usage = outcome.wrong_usage};
            if (outcome.error.empty()) result.result = read_result(run.folder, summary_numbers);
            progress.show(result);
            results[numbers[task]] = std::move(result);
        });
}

}  // namespace

RunState state_of(const SweepRun& run, const RunDescription& now) {
    std::error_code error;
    if (!fs::exists(run.folder / "config.json", error)) return RunState::absent;
    const bool is_described = fs::exists(run.folder / "run.json", error);
    const RunDescription then = is_described ? read_run_description(run.folder) : now;
    // First, for another version may have other keys.
    if (then.version != now.version)
        another_run(run, fmt::format("a run of tapegrad {}", now.version),
                    fmt::format("one of tapegrad {}", then.version));
    check_same_config(run);
    if (then.digest != now.digest)
        another_run(run, fmt::format("a run on data set {} as it is now", then.dataset), "one on other data");
    if (then.initial_weights != now.initial_weights)
        another_run(run, fmt::format("a run that began with {}", in_words(now.initial_weights)),
                    fmt::format("one that began with {}", in_words(then.initial_weights)));
    return has_ended(run.folder) ? RunState::ended : RunState::begun;
}

namespace {

std::vector<RunState> states_of(const std::vector<SweepRun>& runs, const std::vector<RunDescription>& now) {
    std::vector<RunState> states;
    for (std::size_t i = 0; i < runs.size(); ++i) states.push_back(state_of(runs[i], now[i]));
    return states;
}

}  // namespace

std::vector<RunState> states_of(const std::vector<SweepRun>& runs, const std::string& initial_weights) {
    return states_of(runs, descriptions_of(runs, initial_weights));
}

std::string to_text(const std::vector<SweepRun>& runs, const std::vector<RunState>& states) {
    Table table({"run", "is"});
    for (std::size_t i = 0; i < runs.size(); ++i)
        table.add({runs[i].name, states[i] == RunState::absent  ? "to begin"
                                 : states[i] == RunState::begun ? "to go on"
                                                                : "there already"});
    return table.text();
}

std::vector<SweepResult> run_sweep(const std::vector<SweepRun>& runs, const SweepOptions& options,
                                   const std::function<void(const SweepRun& run, bool resume)>& train_one) {
    const std::vector<RunDescription> now = descriptions_of(runs, options.initial_weights);  // or no folder is made
    make_output_folder(options.folder);
    // The children hold it too: should this process be killed, no other sweep begins before they have ended.
    const FolderLock lock(options.folder);
    if (options.overwrite) clear(runs);
    const std::vector<RunState> states = states_of(runs, now);
    std::vector<std::optional<SweepResult>> results(runs.size());
    std::vector<std::size_t> to_train;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (states[i] == RunState::ended)
            results[i] =
                SweepResult{.run = runs[i], .result = read_result(runs[i].folder, summary_numbers), .reused = true};
        else
            to_train.push_back(i);
    }
    const int jobs =
        static_cast<int>(std::clamp<std::size_t>(to_train.size(), 1, static_cast<std::size_t>(options.jobs)));
    SweepProgress progress(runs.size(), jobs);
    for (const std::optional<SweepResult>& result : results)
        if (result) progress.take(*result);
    progress.begin();
    train_runs(runs, states, to_train, jobs, std::max(1, options.threads / jobs), train_one, progress, results);
    progress.end();

    std::vector<SweepResult> ended;
    for (std::optional<SweepResult>& result : results)
        if (result) ended.push_back(std::move(*result));
    return ended;
}

}  // namespace tapegrad
