#include "tools/benchmarks/options.hpp"

#include "tools/common/chosen_backend.hpp"
#include "tools/common/tool.hpp"

namespace tapegrad {

void add_benchmark_options(CLI::App& command, BenchmarkOptions& options, const std::string& no_threads) {
    command.add_option("--backend", options.backend, "What computes; auto takes the best")
        ->type_name("NAME")
        ->capture_default_str();
    command.add_option("--threads", options.threads, "How many threads; 0: " + no_threads)
        ->type_name("N")
        ->check(CLI::Range(0, 4096))
        ->capture_default_str();
    command.add_option("--json", options.json, "Also write the figures as JSON")->type_name("FILE");
}

BackendPtr open_benchmark_backend(const BenchmarkOptions& options) {
    return open_chosen_backend(options.backend, thread_count(options.threads));
}

std::vector<std::string> arguments_of(const BenchmarkOptions& options) {
    return {"--backend", options.backend, "--threads", std::to_string(thread_count(options.threads))};
}

}  // namespace tapegrad
