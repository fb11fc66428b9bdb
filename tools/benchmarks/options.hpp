// The options that all benchmarks have.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "autograd/backend.hpp"

namespace tapegrad {

struct BenchmarkOptions {
    std::string backend = "auto";
    int threads = 0;
    std::string json;
};

/// Adds --backend, --threads and --json to a subcommand; `no_threads` says what happens without --threads.
void add_benchmark_options(CLI::App& command, BenchmarkOptions& options,
                           const std::string& no_threads = "OMP_NUM_THREADS, or else one a core");

/// Opens the backend that the options name, with their number of threads. Throws what open_chosen_backend throws.
BackendPtr open_benchmark_backend(const BenchmarkOptions& options);

/// The same options for a child process, which writes no JSON.
std::vector<std::string> arguments_of(const BenchmarkOptions& options);

/// A subcommand of the tool, and what it does.
struct Benchmark {
    CLI::App* command;
    std::function<void()> run;
};

// Each adds its subcommand to the tool.
Benchmark gat_benchmark(CLI::App& tool);
Benchmark dispatch_benchmark(CLI::App& tool);
Benchmark ops_benchmark(CLI::App& tool);
Benchmark peers_benchmark(CLI::App& tool);
Benchmark scale_benchmark(CLI::App& tool);

}  // namespace tapegrad
