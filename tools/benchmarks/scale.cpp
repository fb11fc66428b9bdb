// bench scale: how the cost of a training step grows with the graph and shrinks with threads.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <exception>
#include <memory>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "tools/benchmarks/child_process.hpp"
#include "tools/benchmarks/gat_case.hpp"
#include "tools/benchmarks/machine.hpp"
#include "tools/benchmarks/report.hpp"
#include "tools/benchmarks/temporary_file.hpp"
#include "tools/common/tool.hpp"

namespace tapegrad {
namespace {

using nlohmann::json;

struct Options {
    BenchmarkOptions common;
    std::vector<double> edges{1e4, 1e5, 1e6, 1e7, 6e7};
    double threads_at = 1e6;
    std::optional<int> steps;
};

// What a training step costs at one size.
struct Cost {
    std::int64_t nodes, edges;
    int threads;
    double ms;
    std::int64_t peak_bytes;

    double nanoseconds_an_edge() const { return 1e6 * ms / static_cast<double>(edges); }
    json as_json() const {
        return {{"nodes", nodes}, {"edges", edges},           {"threads", threads},
                {"train_ms", ms}, {"peak_bytes", peak_bytes}, {"nanoseconds_an_edge", nanoseconds_an_edge()}};
    }
};

// About `edges` edges in both directions and with self loops, 15 a node as in ogbn-arxiv. In a process of its own, so
// that its peak memory is that of this size.
Cost measure(const Options& options, double edges, int threads) {
    const std::int64_t nodes = std::max<std::int64_t>(2, std::llround(edges / 15));
    const std::int64_t undirected = std::max<std::int64_t>(0, (std::llround(edges) - nodes) / 2);
    const int steps = options.steps.value_or(static_cast<int>(std::clamp(2e7 / edges, 3.0, 50.0)));
    const TemporaryFile report("gat.json");
    std::vector<std::string> arguments{"gat",
                                       "--epochs",
                                       "0",
                                       "--steps",
                                       std::to_string(steps),
                                       "--json",
                                       report.path(),
                                       "--data",
                                       "synthetic",
                                       "--nodes",
                                       std::to_string(nodes),
                                       "--edges",
                                       std::to_string(undirected)};
    for (const std::string& argument : arguments_of(BenchmarkOptions{options.common.backend, threads, ""}))
        arguments.push_back(argument);
    output_of(own_command(arguments), threads);
    const json figures = json::parse(read_file(report.path()));
    return {nodes, figures.at("edges"), threads, figures.at("train_ms").at("median"), figures.at("peak_bytes")};
}

// More than it will be: what a small graph needs besides its edges is taken times the growth too.
double estimated_peak(const Cost& smaller, double edges) {
    return static_cast<double>(smaller.peak_bytes) * std::max(1.0, edges / static_cast<double>(smaller.edges));
}

// The costs that could be taken, and for every other one the reason.
struct Costs {
    json costs = json::array();
    json skipped = json::array();

    void skip(const std::string& reason) {
        print_line(reason);
        skipped.push_back(reason);
    }
    std::optional<Cost> add(const Options& options, double edges, int threads) {
        try {
            const Cost cost = measure(options, edges, threads);
            costs.push_back(cost.as_json());
            return cost;
        } catch (const std::exception& error) {
            skip(fmt::format("{:.0f} edges, {} thread{}: failed: {}", edges, threads, threads == 1 ? "" : "s",
                             error.what()));
            return std::nullopt;
        }
    }
    json as_json() const { return {{"costs", costs}, {"skipped", skipped}}; }
};

Costs report_sizes(const Options& options, int threads) {
    Table table({"edges", "nodes", "training step, ms", "ns an edge", "peak memory", "bytes an edge"});
    Costs costs;
    std::optional<Cost> last;
    for (const double edges : options.edges) {
        const std::optional<std::int64_t> available = available_memory();
        if (last && available && estimated_peak(*last, edges) > 0.9 * static_cast<double>(*available)) {
            costs.skip(fmt::format("{:.0f} edges left out: they would need about {}, and {} are free", edges,
                                   bytes_text(static_cast<std::int64_t>(estimated_peak(*last, edges))),
                                   bytes_text(*available)));
            continue;
        }
        const std::optional<Cost> cost = costs.add(options, edges, threads);
        if (!cost) continue;
        print_line(fmt::format("{} edges: {} ms", cost->edges, digits(cost->ms)));
        table.add({std::to_string(cost->edges), std::to_string(cost->nodes), digits(cost->ms),
                   digits(cost->nanoseconds_an_edge()), bytes_text(cost->peak_bytes),
                   digits(static_cast<double>(cost->peak_bytes) / static_cast<double>(cost->edges))});
        last = cost;
    }
    print_line("\n" + table.text());
    return costs;
}

// 1, 2, 4, .. and all cores.
Costs report_threads(const Options& options, int cores) {
    Table table({fmt::format("threads, {:.0f} edges", options.threads_at), "training step, ms", "times as fast as 1"});
    Costs costs;
    std::optional<Cost> one_thread;
    for (int threads = 1; threads <= cores; threads = threads < cores ? std::min(2 * threads, cores) : cores + 1) {
        const std::optional<Cost> cost = costs.add(options, options.threads_at, threads);
        if (!cost) continue;
        if (threads == 1) one_thread = cost;
        table.add({std::to_string(threads), digits(cost->ms),
                   one_thread ? fmt::format("{:.2f}", one_thread->ms / cost->ms) : "-"});
    }
    print_line(table.text());
    return costs;
}

void run(Options options) {
    check_json_file(options.common.json);
    std::ranges::sort(options.edges);
    const BackendPtr backend = open_benchmark_backend(options.common);
    print_machine(*backend);
    print_line(
        "2 layers, hidden 4 x 16, 100 features, 40 classes, dropout 0.6 on inputs and attention; 15 edges a node");
    json report{{"benchmark", "scale"}, {"machine", machine_json(*backend)}};
    const Costs sizes = report_sizes(options, backend->threads());
    report["sizes"] = sizes.as_json();
    if (options.threads_at > 0) report["threads"] = report_threads(options, core_count()).as_json();
    write_json(options.common.json, report);
    if (sizes.costs.empty())
        throw BackendError("bench scale", "a figure for one of the sizes at least", "none",
                           "The reasons stand above; choose smaller --edges");
}

}  // namespace

Benchmark scale_benchmark(CLI::App& tool) {
    const auto options = std::make_shared<Options>();
    CLI::App* const command = tool.add_subcommand(
        "scale", "Times training steps on graphs from 1e4 to 6e7 edges, and with 1, 2, 4, .. threads up to the cores");
    command->add_option("--edges", options->edges, "The sizes; one that does not fit into memory or fails is left out")
        ->delimiter(',')
        ->type_name("N,N,...")
        ->check(CLI::Range(100.0, 1e9))
        ->default_str("1e4,1e5,1e6,1e7,6e7");
    command->add_option("--threads-at", options->threads_at, "The edges of the graph for several threads; 0: none")
        ->type_name("N")
        ->check(CLI::Range(0.0, 1e9))
        ->capture_default_str();
    command->add_option("--steps", options->steps, "How many steps are timed; default 3 to 50, by size")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000));
    add_benchmark_options(*command, options->common);
    add_example(*command, "--edges 100000,1000000");
    return {command, [options] { run(*options); }};
}

}  // namespace tapegrad
