#include "tools/sweeps/sweep.hpp"

#include <fmt/format.h>

#include <map>
#include <system_error>

#include "autograd/errors.hpp"
#include "autograd/version.hpp"
#include "datasets/files.hpp"
#include "datasets/load.hpp"
#include "tools/common/log.hpp"
#include "tools/configs/config.hpp"
#include "tools/configs/differences.hpp"
#include "tools/data/known_datasets.hpp"
#include "tools/sweeps/child_runs.hpp"
#include "tools/sweeps/sweep_progress.hpp"
#include "tools/training/run_description.hpp"
#include "tools/training/run_folder.hpp"

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

// The result of a run that has ended; null otherwise.
json result_of(const fs::path& folder) {
    std::error_code error;
    if (!fs::exists(folder / "result.json", error)) return nullptr;
    try {
        return json::parse(read_file(folder / "result.json"));
    } catch (const json::exception& fault) {
        throw DataError((folder / "result.json").string(), "JSON", fault.what(), "Remove it to train that run anew");
    }
}

}  // namespace

RunState state_of(const SweepRun& run, const std::string& digest) {
    std::error_code error;
    if (!fs::exists(run.folder / "config.json", error)) return RunState::absent;
    check_same_config(run);
    if (!fs::exists(run.folder / "run.json", error)) return RunState::begun;
    const RunDescription description = read_run_description(run.folder);
    if (description.version != version)
        another_run(run, fmt::format("a run of tapegrad {}", version),
                    fmt::format("one of tapegrad {}", description.version));
    if (description.digest != digest)
        another_run(run, fmt::format("a run on data set {} as it is now", description.dataset), "one on other data");
    return result_of(run.folder).is_null() ? RunState::begun : RunState::ended;
}

std::vector<std::string> digests_of(const std::vector<SweepRun>& runs) {
    std::map<std::string, std::string> of_name;
    std::vector<std::string> digests;
    for (const SweepRun& run : runs) {
        const std::string name = run.config.at("dataset").at("name");
        if (!of_name.contains(name)) {
            check_dataset_name(name);
            of_name[name] = describe_run(load_dataset(name, data_folders())).digest;
        }
        digests.push_back(of_name[name]);
    }
    return digests;
}

std::vector<SweepResult> run_sweep(const std::vector<SweepRun>& runs, const SweepOptions& options,
                                   const std::function<void(const SweepRun& run, bool resume)>& train_one) {
    const std::vector<std::string> digests = digests_of(runs);
    std::vector<RunState> states;
    for (std::size_t i = 0; i < runs.size(); ++i)
        states.push_back(options.overwrite ? RunState::absent : state_of(runs[i], digests[i]));

    std::vector<std::optional<SweepResult>> results(runs.size());
    SweepProgress progress(runs.size(), options.jobs);
    std::vector<std::size_t> to_train;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (states[i] == RunState::ended) {
            results[i] = SweepResult{runs[i], result_of(runs[i].folder), "", true};
            progress.take(*results[i]);
        } else {
            to_train.push_back(i);
        }
    }
    progress.begin();
    run_in_children(
        to_train.size(), options.jobs,
        [&](std::size_t task) {
            set_log_level(LogLevel::error);
            const std::size_t i = to_train[task];
            train_one(runs[i], states[i] == RunState::begun);
        },
        [&](std::size_t task, const ChildOutcome& outcome) {
            const std::size_t i = to_train[task];
            if (outcome.interrupted) return;
            SweepResult result{runs[i], nullptr, outcome.error};
            if (outcome.error.empty()) result.result = result_of(runs[i].folder);
            results[i] = result;
            progress.show(result);
        });
    progress.end();

    std::vector<SweepResult> ended;
    for (std::optional<SweepResult>& result : results)
        if (result) ended.push_back(std::move(*result));
    return ended;
}

}  // namespace tapegrad
