// Measures tapegrad: one subcommand a question.
#include <CLI/CLI.hpp>
#include <vector>

#include "tools/benchmarks/options.hpp"
#include "tools/common/tool.hpp"

int main(int argc, char** argv) {
    using namespace tapegrad;
    CLI::App app("Measures tapegrad, alone and beside others. bench COMMAND --help lists the options of each.",
                 "bench");
    const std::vector<Benchmark> benchmarks{gat_benchmark(app), dispatch_benchmark(app), ops_benchmark(app),
                                            peers_benchmark(app), scale_benchmark(app)};
    app.require_subcommand(0, 1);
    app.footer("Every report begins with what it ran on.");
    add_example(app, "gat --threads 1");
    return run_tool(app, argc, argv, [&] {
        for (const Benchmark& benchmark : benchmarks)
            if (benchmark.command->parsed()) return benchmark.run();
        throw CLI::RequiredError("A command");
    });
}
