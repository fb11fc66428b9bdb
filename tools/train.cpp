// Trains the model that a JSON config describes. docs/training.md tells how to run it and what it leaves behind.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "autograd/errors.hpp"
#include "nn/extension.hpp"
#include "tools/common/interruption.hpp"
#include "tools/common/log.hpp"
#include "tools/common/tool.hpp"
#include "tools/configs/config.hpp"
#include "tools/configs/differences.hpp"
#include "tools/configs/merge.hpp"
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
    app.add_option("--seed", arguments.seed, "In place of the config's seed")->type_name("N");
    add_load_option(app, arguments.libraries);
    app.add_flag("--overwrite", arguments.overwrite, "Replace the run that DIR holds")->needs(out->type_name("DIR"));
    app.add_flag("--explain", arguments.explain, "Tell on stderr which ops ran and where the time went");
    app.add_flag("--dry-run", arguments.dry_run,
                 "Print config, parameters, memory and one step; train and write nothing");
    CLI::Option* const resume =
        app.add_option("--resume", arguments.resume, "Go on with an interrupted run, to the same bits")
            ->type_name("RUN")
            ->excludes(out);
    app.add_option("--from", arguments.from, "The checkpoint to go on from")
        ->check(CLI::IsMember({"last", "previous"}))
        ->needs(resume);
    app.add_option("--checkpoint-seconds", arguments.checkpoint_seconds, "Write a checkpoint so often; default: 5")
        ->type_name("SECONDS")
        ->check(CLI::Range(0.0, 1e9));
    app.add_option("--weights", arguments.weights, "Weights to begin with, a safetensors file; default: random ones")
        ->type_name("FILE")
        ->excludes(resume);
    add_names_option(app, arguments.names, "Whose names the tensors of --weights have; default: tapegrad");
    app.add_flag("--no-report", arguments.no_report, "Write no report.html");
    app.footer("--set and --load may be given repeatedly.");
    add_example(app, "examples/cora_gat.json --seed 1 --set training.epochs=200");
}

// The config with what the command line changes, its extensions loaded, complete and checked.
json make_config(const Arguments& arguments) {
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
