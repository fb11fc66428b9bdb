// Trains the model that a JSON config describes. docs/training.md tells how to run it and what it leaves behind.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "autograd/errors.hpp"
#include "tools/common/interruption.hpp"
#include "tools/common/log.hpp"
#include "tools/common/memory_size.hpp"
#include "tools/common/tool.hpp"
#include "tools/configs/config.hpp"
#include "tools/configs/config_arguments.hpp"
#include "tools/configs/differences.hpp"
#include "tools/sweeps/sweep.hpp"
#include "tools/training/dry_run.hpp"
#include "tools/training/experiment.hpp"
#include "tools/training/explanation.hpp"
#include "tools/training/run_description.hpp"
#include "tools/training/run_folder.hpp"
#include "tools/training/training_run.hpp"

namespace {

using namespace tapegrad;
using nlohmann::json;
namespace fs = std::filesystem;

struct Arguments {
    ConfigArguments config;
    std::string out;
    std::string resume;
    std::string from = "last";
    double checkpoint_seconds = 5;
    std::optional<std::string> memory;
    std::string weights;
    WeightNames names = WeightNames::tapegrad;
    std::vector<std::string> seeds;  // given or not: an empty text is one too
    std::vector<std::string> grid;
    int jobs = 0;
    bool overwrite = false;
    bool explain = false;
    bool dry_run = false;
    bool no_report = false;

    std::optional<std::uint64_t> memory_limit() const {
        if (!memory) return std::nullopt;
        return parse_memory_size(*memory, "--memory");
    }
    bool is_sweep() const { return !seeds.empty() || !grid.empty(); }
};

void add_config_options(CLI::App& app, ConfigArguments& config) {
    app.add_option("CONFIG", config.files,
                   "The config, a JSON file; examples/ holds some. Of several, each changes what those before it say")
        ->type_name("CONFIG");
    app.add_option("--set", config.assignments, "Set a value of the config: learning_rate=0.01, model.0.heads=4")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
    app.add_option("--backend", config.backend, "In place of the config's backend")->type_name("NAME");
    app.add_option("--threads", config.threads, "In place of the config's threads")->type_name("N");
    app.add_option("--seed", config.seed, "In place of the config's seed")->type_name("N");
    add_load_option(app, config.libraries);
}

void add_sweep_options(CLI::App& app, Arguments& arguments) {
    app.add_option("--seeds", arguments.seeds, "Train once for each of these seeds: 0..9 or 1,5,7")
        ->type_name("SEEDS")
        ->expected(1)
        ->excludes("--seed");
    app.add_option("--grid", arguments.grid, "Train once for each of these values: lr=0.005,0.01")
        ->type_name("KEY=V1,V2")
        ->allow_extra_args(false);
    app.add_option("--jobs", arguments.jobs, "How many runs of --seeds and --grid at a time; default: one a core")
        ->type_name("N")
        ->check(CLI::Range(1, 1024));
}

void add_run_options(CLI::App& app, Arguments& arguments) {
    app.add_option("--out", arguments.out, "The folder for the run's files; default: a new one in runs/")
        ->type_name("DIR");
    app.add_flag("--overwrite", arguments.overwrite, "Replace what is there already of a run");
    app.add_flag("--explain", arguments.explain, "Tell on stderr which ops ran and where the time went")
        ->excludes("--seeds")
        ->excludes("--grid");
    app.add_flag("--dry-run", arguments.dry_run,
                 "Print config, parameters, memory and one step; train and write nothing");
    CLI::Option* const resume =
        app.add_option("--resume", arguments.resume, "Go on with an interrupted run, to the same bits")
            ->type_name("RUN")
            ->excludes("--out")
            ->excludes("--overwrite")
            ->excludes("--seeds")
            ->excludes("--grid");
    app.add_option("--from", arguments.from, "The checkpoint to go on from")
        ->check(CLI::IsMember({"last", "previous"}))
        ->needs(resume);
    app.add_option("--checkpoint-seconds", arguments.checkpoint_seconds, "Write a checkpoint so often; default: 5")
        ->type_name("SECONDS")
        ->check(CLI::Range(0.0, 1e9));
    app.add_option("--memory", arguments.memory,
                   "What all tensors may take at a time: 2GiB, 500MB; more is refused before training begins")
        ->type_name("SIZE");
    app.add_option("--weights", arguments.weights, "Weights to begin with, a safetensors file; default: random ones")
        ->type_name("FILE")
        ->excludes(resume);
    add_names_option(app, arguments.names, "Whose names the tensors of --weights have; default: tapegrad");
    app.add_flag("--no-report", arguments.no_report, "Write no report.html");
}

// What the options say together.
void check_arguments(const Arguments& arguments) {
    if (arguments.config.files.empty() && arguments.resume.empty())
        throw tapegrad::ConfigError("CONFIG", "a JSON file", "none",
                                    "Name one; examples/ holds some, --help lists the options");
    arguments.memory_limit();  // throws unless it is one
    if (arguments.is_sweep()) return;
    if (arguments.jobs > 0)
        throw tapegrad::ConfigError("--jobs", "several runs, by --seeds or --grid", "one run",
                                    "Leave it out; --threads says how many threads a run may use");
    if (arguments.overwrite && arguments.out.empty())
        throw tapegrad::ConfigError("--overwrite", "the folder to overwrite, by --out", "none",
                                    "Leave it out: without --out a run gets a new folder");
}

// The config of the run to go on with, which the command line may repeat but not change.
json config_to_resume(const Arguments& arguments) {
    const fs::path config_file = fs::path(arguments.resume) / "config.json";
    json then = config_of_run(arguments.resume);
    // First, for another version may have other keys.
    std::error_code error;
    if (fs::exists(fs::path(arguments.resume) / "run.json", error))
        check_version(arguments.resume, read_run_description(arguments.resume));
    ConfigArguments again = arguments.config;
    if (again.files.empty()) again.files = {config_file};
    json now = complete_arguments(again);
    complete_config(then, config_file.string());
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
                       .memory_limit = arguments.memory_limit(),
                       .quiet = !logs(LogLevel::info),
                       .explain = arguments.explain,
                       .report = !arguments.no_report};
    if (!options.folder.empty()) return options;
    options.new_folder = "runs" / fs::path(arguments.config.files.at(0)).stem();
    return options;
}

struct Sweep {
    fs::path folder;
    std::vector<SweepRun> runs;
};

Sweep plan(const Arguments& arguments) {
    const fs::path first = fs::absolute(arguments.config.files.at(0));
    Sweep sweep{arguments.out.empty() ? fs::path("runs") / (first.stem().string() + "-sweep") : fs::path(arguments.out),
                {}};
    UsageErrors errors;
    const MergedConfig config = merge_arguments(arguments.config, errors);
    errors.collect([&] {
        std::vector<GridAxis> axes;
        for (const std::string& axis : arguments.grid) axes.push_back(parse_grid_axis(config.config, axis));
        const std::vector<std::int64_t> seeds =
            arguments.seeds.empty() ? std::vector<std::int64_t>{} : parse_seeds(arguments.seeds.back());
        sweep.runs = plan_sweep(config, seeds, axes, {.of_sweep = sweep.folder, .of_config = first.parent_path()});
    });
    errors.throw_if_any();
    return sweep;
}

// --overwrite empties the folders of all runs before any of them reads the file.
void check_weights_stay(const Sweep& sweep, const fs::path& weights) {
    const fs::path file = fs::weakly_canonical(weights);
    for (const SweepRun& run : sweep.runs) {
        const fs::path folder = fs::weakly_canonical(run.folder);
        if (std::ranges::mismatch(folder, file).in1 == folder.end())
            throw tapegrad::ConfigError(fmt::format("--weights {}", weights.string()),
                                        "a file that --overwrite does not remove", fmt::format("one of {}", run.name),
                                        "Copy it to another folder first");
    }
}

std::string initial_weights(const Arguments& arguments) {
    return arguments.weights.empty() ? "" : digest_of_weights(arguments.weights, arguments.names);
}

// Tells what did not get to its end by an exception.
void end_sweep(const std::vector<SweepResult>& results, std::size_t planned, bool overwrite) {
    const char* const again = overwrite ? "the same command without --overwrite" : "the same command";
    if (results.size() < planned)
        throw Interrupted(fmt::format("interrupted after {} of {} runs, nothing is lost; {} goes on", results.size(),
                                      planned, again));
    const auto failed = std::ranges::count_if(results, [](const SweepResult& run) { return !run.error.empty(); });
    if (failed == 0) return;
    const auto is_wrong_use = [](const SweepResult& run) { return run.wrong_usage || run.reused; };
    if (std::ranges::all_of(results, is_wrong_use))
        throw WrongUsage(fmt::format("{} of {} runs were refused", failed, planned));
    throw std::runtime_error(fmt::format("{} of {} runs failed; {} tries them again", failed, planned, again));
}

// Ends with what all runs say together.
void train_sweep(const Arguments& arguments, const Sweep& sweep) {
    if (arguments.overwrite && !arguments.weights.empty()) check_weights_stay(sweep, arguments.weights);
    const int cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    const SweepOptions options{.folder = sweep.folder,
                               .jobs = arguments.jobs > 0 ? arguments.jobs : cores,
                               .threads = thread_count(0),
                               .overwrite = arguments.overwrite,
                               .initial_weights = initial_weights(arguments)};
    const std::vector<SweepResult> results = run_sweep(sweep.runs, options, [&](const SweepRun& run, bool resume) {
        RunOptions of_run = run_options(arguments);
        of_run.folder = run.folder;
        of_run.overwrite = false;
        of_run.resume = resume;
        if (resume) of_run.weights.clear();  // the checkpoint has what came of them
        of_run.quiet = of_run.silent = true;
        PartTimes parts(0);
        train_run(run.config, of_run, parts);
    });
    // First what is known: that a file cannot be written hides nothing then.
    const std::vector<PointSummary> points = summarise(results);
    fmt::print("{}", to_text(points));
    if (const std::set<std::string> backends = backends_of(points); backends.size() > 1)
        log(LogLevel::warning, fmt::format("the runs were computed by several backends, {}, whose numbers differ",
                                           fmt::join(backends, " and ")));
    for (const std::string& line : error_lines(results)) log(LogLevel::error, line);
    if (!results.empty()) write_summary(sweep.folder, results);
    end_sweep(results, sweep.runs.size(), arguments.overwrite);
}

void print_dry_run(const json& config, const Arguments& arguments, PartTimes& parts) {
    const Experiment experiment = build_experiment(config, parts, arguments.memory_limit());
    fmt::print("{}", dry_run(config, *experiment.model, *experiment.optimizer, experiment.data,
                             training_options(config.at("training"), config.at("seed"))));
}

void run(const Arguments& arguments, PartTimes& parts) {
    parts.begin("config");
    check_arguments(arguments);
    if (arguments.is_sweep()) {
        const Sweep sweep = plan(arguments);
        note_interruptions();
        if (!arguments.dry_run) return train_sweep(arguments, sweep);
        const std::vector<RunState> states = arguments.overwrite
                                                 ? std::vector<RunState>(sweep.runs.size(), RunState::absent)
                                                 : states_of(sweep.runs, initial_weights(arguments));
        fmt::print("{}\nThe first of them:\n", to_text(sweep.runs, states));
        return print_dry_run(sweep.runs[0].config, arguments, parts);
    }
    const json config = arguments.resume.empty() ? complete_arguments(arguments.config) : config_to_resume(arguments);
    if (arguments.dry_run) return print_dry_run(config, arguments, parts);
    note_interruptions();
    train_run(config, run_options(arguments), parts);
}

}  // namespace

int main(int argc, char** argv) {
    PartTimes parts(static_cast<double>(std::clock()) / CLOCKS_PER_SEC);
    CLI::App app("Trains the model that a JSON config describes.", "train");
    Arguments arguments;
    add_config_options(app, arguments.config);
    add_sweep_options(app, arguments);
    add_run_options(app, arguments);
    app.footer("--set, --grid and --load may be given repeatedly.");
    add_example(app, "examples/cora_gat.json --seed 1 --set training.epochs=200");
    parts.begin("read the command line");
    return run_tool(app, argc, argv, [&] { run(arguments, parts); });
}
