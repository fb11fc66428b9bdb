// bench dispatch: what an op costs before it computes anything, alone or beside another program.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <utility>

#include "tools/benchmarks/against.hpp"
#include "tools/benchmarks/child_process.hpp"
#include "tools/benchmarks/machine.hpp"
#include "tools/benchmarks/options.hpp"
#include "tools/benchmarks/report.hpp"
#include "tools/benchmarks/small_work.hpp"
#include "tools/common/tool.hpp"

namespace tapegrad {
namespace {

struct Options {
    BenchmarkOptions common{.threads = 1};
    double seconds = 0.5;
    std::string against;
    int rounds = 4;
};

Figure figure(const std::string& name, const std::string& key) {
    return {name, "\"" + key + " NUMBER\"",
            [key](std::string_view output) { return number_between(output, key + " ", ""); }};
}

std::vector<Figure> figures() {
    return {figure("SGD step of 784-128-10, us", "mlp_us"), figure("chain, us an op", "chain_us_per_op"),
            figure("an op, us", "op_us")};
}

void measure_dispatch(const Options& options) {
    const BackendPtr backend = open_benchmark_backend(options.common);
    print_machine(*backend);
    const SmallWork work = measure_small_work(backend, options.seconds);
    Table table({"us", "median", "quartiles", "minimum"});
    nlohmann::json report{{"benchmark", "dispatch"}, {"machine", machine_json(*backend)}};
    const auto add = [&](const std::string& name, const char* key, const Spread& seconds) {
        const Spread us = scaled(seconds, 1e6);
        table.add(
            {name, digits(us.median), fmt::format("{} to {}", digits(us.lower), digits(us.upper)), digits(us.minimum)});
        report[key] = spread_json(us);
    };
    add("an op without a tape: a + a on 1 element", "op_us", work.op);
    add("an op on a tape", "record_us", work.record);
    add("an op of a chain of 1,000 on 16 numbers, forward and backward", "chain_us_per_op", work.chain);
    add("SGD step of a 784-128-10 network, batch 64", "mlp_us", work.mlp);
    fmt::print("{}", table.text());
    print_line(fmt::format("mlp_us {:.1f} chain_us_per_op {:.3f} op_us {:.3f}", 1e6 * work.mlp.median,
                           1e6 * work.chain.median, 1e6 * work.op.median));
    write_json(options.common.json, report);
}

void compare_dispatch(const Options& options) {
    const BackendPtr backend = open_benchmark_backend(options.common);
    print_machine(*backend);
    std::vector<std::string> arguments{"dispatch", "--seconds", fmt::format("{}", options.seconds)};
    for (const std::string& argument : arguments_of(options.common)) arguments.push_back(argument);
    const std::vector<TimedPair> comparisons =
        compare(own_command(arguments), options.against, figures(), options.rounds, backend->threads());
    fmt::print("{}", comparison_text(comparisons));
    write_json(options.common.json, {{"benchmark", "dispatch"},
                                     {"machine", machine_json(*backend)},
                                     {"their_command", options.against},
                                     {"comparisons", comparison_json(comparisons)}});
}

}  // namespace

Benchmark dispatch_benchmark(CLI::App& tool) {
    const auto options = std::make_shared<Options>();
    CLI::App* const command = tool.add_subcommand(
        "dispatch", "Times small work: an op without and with a tape, a chain of 1,000 ops, a small network");
    command->add_option("--seconds", options->seconds, "How long each figure is measured")
        ->type_name("S")
        ->check(CLI::Range(0.001, 1000.0))
        ->capture_default_str();
    CLI::Option* const against =
        command
            ->add_option("--against", options->against,
                         "Runs this command and ourselves in turn; it prints \"mlp_us X chain_us_per_op Y op_us Z\", "
                         "as 'DIR/pyg/bin/python tools/peers/small_torch.py' does")
            ->type_name("COMMAND");
    command->add_option("--rounds", options->rounds, "How often each side of --against runs")
        ->type_name("N")
        ->check(CLI::Range(1, 1000))
        ->needs(against)
        ->capture_default_str();
    add_benchmark_options(*command, options->common);
    add_example(*command, "--seconds 0.1");
    return {command, [options] {
                check_json_file(options->common.json);
                options->against.empty() ? measure_dispatch(*options) : compare_dispatch(*options);
            }};
}

}  // namespace tapegrad
