// bench gat: how long a graph attention network takes to train, alone or beside another program.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "autograd/errors.hpp"
#include "tools/benchmarks/against.hpp"
#include "tools/benchmarks/child_process.hpp"
#include "tools/benchmarks/gat_case.hpp"
#include "tools/benchmarks/machine.hpp"
#include "tools/benchmarks/measure.hpp"
#include "tools/benchmarks/report.hpp"
#include "tools/benchmarks/synthetic_graph.hpp"
#include "tools/common/tool.hpp"
#include "tools/training/evaluation_step.hpp"
#include "tools/training/training_step.hpp"

namespace tapegrad {
namespace {

using nlohmann::json;

struct Options {
    BenchmarkOptions common;
    GatOptions gat;
    std::optional<int> steps, epochs;
    std::string against;
    int rounds = 4;
    std::string edges_file, data_file;
};

constexpr double mebibyte = 1 << 20;

// The first step asks the system for memory; a few more let the processor settle, where steps are short. A backend that
// records the steps has done so after three.
int warm_up_steps(int steps, const Backend& backend) { return steps < 5 && !backend.can_capture() ? 1 : 3; }

// `epochs` of a step and an evaluation each, as tools/train runs them. Seconds in all.
double whole_run(GatCase& gat, int epochs) {
    TrainingOptions options = gat.training;
    options.epochs = epochs;
    return train(*gat.model, *gat.optimizer, gat.data, options, [](const EpochReport&) {}).train_seconds;
}

void measure_gat(const Options& options) {
    const BackendPtr backend = open_benchmark_backend(options.common);
    print_machine(*backend);
    GatCase gat;
    const double preparation = seconds_of([&] { gat = make_gat_case(options.gat, backend); });
    print_line(gat.description);
    if (!options.edges_file.empty()) write_edges(gat.data.graph, options.edges_file);
    if (!options.data_file.empty()) write_graph_data(gat.data, options.data_file);

    const int steps = options.steps.value_or(gat.sizes.steps);
    const int epochs = options.epochs.value_or(options.gat.data == "cora" ? steps : 0);
    const std::int64_t memory_before = peak_memory();
    json report{{"benchmark", "gat"},
                {"machine", machine_json(*backend)},
                {"description", gat.description},
                {"nodes", gat.data.graph.nodes},
                {"edges", gat.data.graph.edges()},
                {"preparation_seconds", preparation},
                {"peak_bytes_before_training", memory_before}};

    if (steps > 0) {
        backend->restart_peak();
        TrainingStep training_step(*gat.model, *gat.optimizer, gat.data, gat.training);
        EvaluationStep evaluation_step(*gat.model, gat.data, gat.training, training_step);
        int step = 0;
        double loss = 0;
        const auto [training, evaluation] = measure_in_turn(
            [&] {
                loss = training_step.run(step++);
                backend->sync();  // the loss is there before the weights are
            },
            [&] { evaluation_step.run(); }, warm_up_steps(steps, *backend), steps);
        print_line("training step: " + milliseconds_text(training));
        print_line("evaluation: " + milliseconds_text(evaluation));
        print_line(fmt::format("a training step: {:.1f} ns an edge and layer; loss after {} steps: {:.4f}",
                               1e9 * training.median / static_cast<double>(gat.data.graph.edges() * gat.sizes.layers),
                               step, loss));
        report["train_ms"] = spread_json(training, 1000);
        report["evaluation_ms"] = spread_json(evaluation, 1000);
        const std::string made = training_step.is_recorded()
                                     ? fmt::format("recorded, as {} launches each", training_step.launches())
                                     : "computed op by op";
        print_line(fmt::format("training steps are {}; tensors take {:.1f} MiB at most", made,
                               static_cast<double>(backend->peak_bytes()) / mebibyte));
        report["loss"] = loss;
        report["recorded"] = training_step.is_recorded();
        report["peak_tensor_bytes"] = backend->peak_bytes();
    }
    if (epochs > 0) {
        const double seconds = whole_run(gat, epochs);
        print_line(fmt::format("whole run: {} epochs of a step and an evaluation in {:.3f} s", epochs, seconds));
        report["epochs"] = epochs;
        report["whole_run_seconds"] = seconds;
    }
    const std::int64_t memory = peak_memory();
    print_line(fmt::format(
        "data and graph ready after {:.2f} s; peak memory {:.0f} MiB, {:.0f} of it before the first step", preparation,
        static_cast<double>(memory) / mebibyte, static_cast<double>(memory_before) / mebibyte));
    report["peak_bytes"] = memory;
    write_json(options.common.json, report);
}

// Ours in a child process, so that each side starts alike.
void compare_gat(const Options& options) {
    check_data_name(options.gat.data);
    const BackendPtr backend = open_benchmark_backend(options.common);
    print_machine(*backend);
    std::vector<std::string> arguments{"gat", "--epochs", "0"};
    for (const std::vector<std::string>& more : {arguments_of(options.common), arguments_of(options.gat)})
        arguments.insert(arguments.end(), more.begin(), more.end());
    if (options.steps) arguments.insert(arguments.end(), {"--steps", std::to_string(*options.steps)});
    const std::string ours = own_command(arguments);
    print_line("ours:   " + ours);
    print_line("theirs: " + options.against);
    const std::vector<TimedPair> comparisons =
        compare(ours, options.against, {step_figure()}, options.rounds, backend->threads());
    fmt::print("{}", comparison_text(comparisons));
    write_json(options.common.json, {{"benchmark", "gat"},
                                     {"machine", machine_json(*backend)},
                                     {"our_command", ours},
                                     {"their_command", options.against},
                                     {"comparisons", comparison_json(comparisons)}});
}

void run(const Options& options) {
    check_json_file(options.common.json);
    if (options.against.empty()) return measure_gat(options);
    if (options.steps == 0)
        throw ConfigError("--steps", "at least 1, which --against needs", "0", "Leave one of the two out");
    compare_gat(options);
}

}  // namespace

Benchmark gat_benchmark(CLI::App& tool) {
    const auto options = std::make_shared<Options>();
    CLI::App* const command = tool.add_subcommand(
        "gat", "Times training steps (forward, backward, Adam) and evaluations in turn, and a whole run; peak memory");
    add_gat_options(*command, options->gat);
    const CLI::Range count(0, 1'000'000);
    command->add_option("--steps", options->steps, "How many are timed; default 3 to 100, by size")
        ->type_name("N")
        ->check(count);
    CLI::Option* const epochs =
        command
            ->add_option("--epochs", options->epochs, "Epochs of the whole run; default: as many as steps, cora only")
            ->type_name("N")
            ->check(count);
    CLI::Option* const against =
        command
            ->add_option(
                "--against", options->against,
                "Runs this command and ourselves in turn (A B B A); it prints \"median NUMBER ms\" or "
                "\"train_ms med=NUMBER\", the time of its training step. OMP_NUM_THREADS is set to our threads")
            ->type_name("COMMAND")
            ->excludes(epochs);
    command->add_option("--rounds", options->rounds, "How often each side of --against runs")
        ->type_name("N")
        ->check(CLI::Range(1, 1000))
        ->needs(against)
        ->capture_default_str();
    command->add_option("--export", options->edges_file, "Writes the graph: i32 N, E, then E sources, E targets")
        ->type_name("FILE")
        ->excludes(against);
    command
        ->add_option("--export-data", options->data_file,
                     "Writes graph, features and labels, as tools/peers/graph_file.py reads them")
        ->type_name("FILE")
        ->excludes(against);
    add_benchmark_options(*command, options->common);
    add_example(*command, "--steps 50 --threads 1");
    return {command, [options] { run(*options); }};
}

}  // namespace tapegrad
