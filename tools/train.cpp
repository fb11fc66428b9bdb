// Trains the model that a JSON config describes. docs/training.md tells how to run it and what it leaves behind.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "autograd/errors.hpp"
#include "nn/extension.hpp"
#include "tools/common/interruption.hpp"
#include "tools/common/log.hpp"
#include "tools/common/tool.hpp"
#include "tools/configs/config.hpp"
#include "tools/configs/differences.hpp"
#include "tools/configs/merge.hpp"
#include "tools/sweeps/sweep.hpp"
#include "tools/training/dry_run.hpp"
#include "tools/training/experiment.hpp"
#include "tools/training/explanation.hpp"
#include "tools/training/run_folder.hpp"
#include "tools/training/training_run.hpp"

namespace {

using namespace tapegrad;
using nlohmann::json;
namespace fs = std::filesystem;

struct Arguments {
    std::vector<std::string> configs;
    std::vector<std::string> assignments;
    std::string out;
    std::string backend;
    std::optional<std::int64_t> threads;
    std::optional<std::int64_t> seed;
    std::vector<std::string> libraries;
    std::string resume;
    std::string from = "last";
    double checkpoint_seconds = 5;
    std::string weights;
    WeightNames names = WeightNames::tapegrad;
    std::string seeds;
    std::vector<std::string> grid;
    int jobs = 0;
    bool overwrite = false;
    bool explain = false;
    bool dry_run = false;
    bool no_report = false;
};

void add_options(CLI::App& app, Arguments& arguments) {
    app.add_option("CONFIG", arguments.configs,
                   "The config, a JSON file; examples/ holds some. Of several, each changes what those before it say")
        ->type_name("CONFIG");
    app.add_option("--set", arguments.assignments, "Set a value of the config: learning_rate=0.01, model.0.heads=4")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
    CLI::Option* const out =
        app.add_option("--out", arguments.out, "The folder for the run's files; default: a new one in runs/");
    app.add_option("--backend", arguments.backend, "In place of the config's backend")->type_name("NAME");
    app.add_option("--threads", arguments.threads, "In place of the config's threads")->type_name("N");
    CLI::Option* const seed = app.add_option("--seed", arguments.seed, "In place of the config's seed")->type_name("N");
    CLI::Option* const seeds =
        app.add_option("--seeds", arguments.seeds, "Train once for each of these seeds: 0..9 or 1,5,7")
            ->type_name("SEEDS")
            ->excludes(seed);
    CLI::Option* const grid =
        app.add_option("--grid", arguments.grid, "Train once for each of these values: lr=0.005,0.01")
            ->type_name("KEY=V1,V2")
            ->allow_extra_args(false);
    app.add_option("--jobs", arguments.jobs, "How many runs of --seeds and --grid at a time; default: one a core")
        ->type_name("N")
        ->check(CLI::Range(1, 1024));
    add_load_option(app, arguments.libraries);
    app.add_flag("--overwrite", arguments.overwrite, "Replace the run that DIR holds")->needs(out->type_name("DIR"));
    app.add_flag("--explain", arguments.explain, "Tell on stderr which ops ran and where the time went")
        ->excludes(seeds)
        ->excludes(grid);
    app.add_flag("--dry-run", arguments.dry_run,
                 "Print config, parameters, memory and one step; train and write nothing");
    CLI::Option* const resume =
        app.add_option("--resume", arguments.resume, "Go on with an interrupted run, to the same bits")
            ->type_name("RUN")
            ->excludes(out)
            ->excludes(seeds)
            ->excludes(grid);
    app.add_option("--from", arguments.from, "The checkpoint to go on from")
        ->check(CLI::IsMember({"last", "previous"}))
        ->needs(resume);
    app.add_option("--checkpoint-seconds", arguments.checkpoint_seconds, "Write a checkpoint so often; default: 5")
        ->type_name("SECONDS")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--weights", arguments.weights, "Weights to begin with, a safetensors file; default: random ones")
        ->type_name("FILE")
        ->excludes(resume);
    add_names_option(app, arguments.names, "Whose names the tensors of --weights have; default: tapegrad");
    app.add_flag("--no-report", arguments.no_report, "Write no report.html");
    app.footer("--set, --grid and --load may be given repeatedly.");
    add_example(app, "examples/cora_gat.json --seed 1 --set training.epochs=200");
}

// The config with what the command line changes, its extensions loaded, not yet complete.
MergedConfig begin_config(const Arguments& arguments) {
    auto [config, sources] = merge_configs(arguments.configs);
    for (const std::string& assignment : arguments.assignments)
        sources.set(set_value(config, assignment), "--set " + assignment);
    resolve_paths(config, fs::absolute(arguments.configs[0]).parent_path());

    const bool is_path = arguments.backend.find('/') != std::string::npos;
    if (!arguments.backend.empty())
        config["backend"] = is_path ? fs::absolute(arguments.backend).string() : arguments.backend;
    if (arguments.threads) config["threads"] = *arguments.threads;
    if (arguments.seed) config["seed"] = *arguments.seed;
    if (arguments.threads) sources.set("threads", "--threads");
    if (arguments.seed) sources.set("seed", "--seed");

    json& extensions = config.emplace("extensions", json::array()).first.value();
    if (extensions.is_array()) {
        for (const std::string& library : arguments.libraries) extensions.push_back(fs::absolute(library).string());
        for (const json& library : extensions)
            if (library.is_string()) load_extension(library.get<std::string>());
    }
    return {std::move(config), std::move(sources)};
}

// The same, complete and checked.
json make_config(const Arguments& arguments) {
    auto [config, sources] = begin_config(arguments);
    complete_config(config, sources);
    return config;
}

// The config of the run to go on with, which the command line may repeat but not change.
json config_to_resume(const Arguments& arguments) {
    json then = config_of_run(arguments.resume);
    Arguments again = arguments;
    if (again.configs.empty()) again.configs = {fs::path(arguments.resume) / "config.json"};
    json now = make_config(again);
    complete_config(then, (fs::path(arguments.resume) / "config.json").string());
    then["threads"] = now["threads"];  // changes no bit
    const std::vector<ConfigDifference> changes = differences(then, now);
    if (!changes.empty())
        throw tapegrad::ConfigError(fmt::format("--resume {}", arguments.resume), "the config with which the run began",
                                    fmt::format("another one:\n{}", to_text(changes, "then", "now")),
                                    "Leave config and options out to go on, or train in another folder with --out");
    return now;
}

RunOptions run_options(const Arguments& arguments) {
    RunOptions options{.folder = arguments.resume.empty() ? arguments.out : arguments.resume,
                       .overwrite = arguments.overwrite,
                       .resume = !arguments.resume.empty(),
                       .from_previous = arguments.from == "previous",
                       .checkpoint_seconds = arguments.checkpoint_seconds,
                       .weights = arguments.weights,
                       .names = arguments.names,
                       .quiet = !logs(LogLevel::info),
                       .explain = arguments.explain,
                       .report = !arguments.no_report};
    if (!options.folder.empty()) return options;
    options.new_folder = "runs" / fs::path(arguments.configs.at(0)).stem();
    return options;
}

int cores() { return static_cast<int>(std::max(1u, std::thread::hardware_concurrency())); }

// Ends with what all runs say together; what failed or was not begun makes it throw after that.
void sweep(const Arguments& arguments, const json& complete) {
    const int jobs = arguments.jobs > 0 ? arguments.jobs : cores();
    json config = begin_config(arguments).config;
    if (complete.at("threads") == 0) config["threads"] = std::max(1, cores() / jobs);
    std::vector<GridAxis> axes;
    for (const std::string& axis : arguments.grid) axes.push_back(parse_grid_axis(config, axis));
    const std::vector<std::int64_t> seeds =
        arguments.seeds.empty() ? std::vector<std::int64_t>{} : parse_seeds(arguments.seeds);
    const fs::path folder = arguments.out.empty()
                                ? "runs" / fs::path(fs::path(arguments.configs.at(0)).stem().string() + "-sweep")
                                : fs::path(arguments.out);
    const std::vector<SweepRun> runs = plan_sweep(config, seeds, axes, folder);
    const std::vector<SweepResult> results =
        run_sweep(runs, {folder, jobs, arguments.overwrite}, [&](const SweepRun& run, bool resume) {
            RunOptions options = run_options(arguments);
            options.folder = run.folder;
            options.resume = resume;
            options.quiet = options.silent = true;
            PartTimes parts(0);
            train_run(run.config, options, parts);
        });
    if (!results.empty()) write_summary(folder, results);
    fmt::print("{}", to_text(summarise(results)));
    std::size_t failed = 0;
    for (const SweepResult& result : results) {
        if (result.error.empty()) continue;
        ++failed;
        log(LogLevel::error, fmt::format("{}: {}", result.run.name, result.error));
    }
    if (results.size() < runs.size())
        throw Interrupted(fmt::format("interrupted after {} of {} runs, nothing is lost; the same command goes on",
                                      results.size(), runs.size()));
    if (failed > 0)
        throw std::runtime_error(
            fmt::format("{} of {} runs failed; the same command tries them again", failed, runs.size()));
}

void run(const Arguments& arguments, PartTimes& parts) {
    parts.begin("config");
    if (arguments.configs.empty() && arguments.resume.empty())
        throw tapegrad::ConfigError("CONFIG", "a JSON file", "none",
                                    "Name one; examples/ holds some, --help lists the options");
    const json config = arguments.resume.empty() ? make_config(arguments) : config_to_resume(arguments);
    if (arguments.dry_run) {
        const Experiment experiment = build_experiment(config, parts);
        fmt::print("{}", dry_run(config, *experiment.model, *experiment.optimizer, experiment.data,
                                 training_options(config.at("training"), config.at("seed"))));
        return;
    }
    note_interruptions();
    if (!arguments.seeds.empty() || !arguments.grid.empty()) return sweep(arguments, config);
    train_run(config, run_options(arguments), parts);
}

}  // namespace

int main(int argc, char** argv) {
    PartTimes parts(static_cast<double>(std::clock()) / CLOCKS_PER_SEC);
    CLI::App app("Trains the model that a JSON config describes.", "train");
    Arguments arguments;
    add_options(app, arguments);
    parts.begin("read the command line");
    return run_tool(app, argc, argv, [&] { run(arguments, parts); });
}
