// bench ops: every op of the registry on its own samples, and common ops beside a memory copy and PyTorch.
#include <fmt/format.h>
#include <fnmatch.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>
#include <sstream>

#include "autograd/errors.hpp"
#include "nn/extension.hpp"
#include "tools/benchmarks/child_process.hpp"
#include "tools/benchmarks/common_ops.hpp"
#include "tools/benchmarks/machine.hpp"
#include "tools/benchmarks/measure.hpp"
#include "tools/benchmarks/memory_copy.hpp"
#include "tools/benchmarks/options.hpp"
#include "tools/benchmarks/peer_programs.hpp"
#include "tools/benchmarks/report.hpp"
#include "tools/benchmarks/sample_times.hpp"
#include "tools/benchmarks/temporary_file.hpp"
#include "tools/common/tool.hpp"

namespace tapegrad {
namespace {

using nlohmann::json;

struct Options {
    BenchmarkOptions common;
    std::string pattern = "*";
    std::vector<std::string> libraries;
    std::vector<double> sizes{1e3, 1e5, 1e7};
    double seconds = 0.05;
    bool against_torch = false;
    std::string peers = default_peers_folder();
    int rounds = 2;
};

bool matches(const Options& options, const std::string& name) {
    return fnmatch(options.pattern.c_str(), name.c_str(), 0) == 0;
}

std::string microseconds(const std::optional<double>& seconds) { return seconds ? digits(1e6 * *seconds) : "-"; }
json microseconds_json(const std::optional<double>& seconds) { return seconds ? json(1e6 * *seconds) : json(); }

json report_samples(const Options& options, const BackendPtr& backend) {
    Table table({"us, on the smallest and the largest sample", "runs", "forward", "GB/s", "of a copy", "composed",
                 "gradient", "composed"});
    MemoryCopyRates copy_rates(backend);
    json list = json::array();
    for (const OpDef& op : all_ops()) {
        if (!matches(options, op.name)) continue;
        for (const SampleTimes& times : time_samples(op, backend, options.seconds)) {
            const std::string inputs = times.inputs.size() < 50 ? times.inputs : times.inputs.substr(0, 47) + "...";
            const double rate = static_cast<double>(times.bytes) / times.forward, copy = copy_rates.of(times.bytes);
            table.add({fmt::format("{} {}", times.op, inputs), times.native ? "native" : "composed",
                       microseconds(times.forward), digits(rate / 1e9), fmt::format("{:.2f}", rate / copy),
                       microseconds(times.composed_forward), microseconds(times.gradient),
                       microseconds(times.composed_gradient)});
            list.push_back({{"op", times.op},
                            {"inputs", times.inputs},
                            {"native", times.native},
                            {"forward_us", 1e6 * times.forward},
                            {"bytes", times.bytes},
                            {"bytes_a_second", rate},
                            {"copy_bytes_a_second", copy},
                            {"composed_forward_us", microseconds_json(times.composed_forward)},
                            {"gradient_us", microseconds_json(times.gradient)},
                            {"composed_gradient_us", microseconds_json(times.composed_gradient)}});
        }
    }
    print_line(table.text());
    return list;
}

std::vector<CommonOp> chosen_ops(const Options& options) {
    std::vector<CommonOp> ops;
    const auto add = [&](const std::vector<CommonOp>& more) {
        for (const CommonOp& op : more)
            if (matches(options, op.name)) ops.push_back(op);
    };
    for (const double size : options.sizes) add(common_ops(std::llround(size)));
    add(cora_ops());
    return ops;
}

// What was measured of one op, once a round.
struct Measured {
    CommonOp op;
    std::int64_t bytes = 0;
    double operations = 0;
    double copy_rate = 0;
    std::vector<double> forward, gradient, torch_forward, torch_gradient;

    std::vector<double> speed_up() const { return ratios(torch_forward, forward); }
    std::vector<double> gradient_speed_up() const { return ratios(torch_gradient, gradient); }
    bool has_gradient() const { return gradient[0] > 0; }
};

void measure_ours(std::vector<Measured>& ops, const BackendPtr& backend, double seconds) {
    for (Measured& measured : ops) {
        const PreparedOp op = prepare(measured.op, backend);
        const OpTimes times = time_op(op, seconds);
        measured.bytes = op.bytes;
        measured.operations = op.operations;
        measured.forward.push_back(times.forward);
        measured.gradient.push_back(times.gradient);
    }
}

void measure_torch(std::vector<Measured>& ops, const std::string& command, int threads) {
    std::istringstream lines(output_of(command, threads));
    for (std::size_t number = 0; number < ops.size(); ++number) {
        std::size_t printed = 0;
        OpTimes times;
        if (!(lines >> printed >> times.forward >> times.gradient) || printed != number)
            throw BackendError("command '" + command + "'", fmt::format("a line for each of {} ops", ops.size()),
                               fmt::format("{}", number), "Run it by hand to see what is wrong");
        ops[number].torch_forward.push_back(times.forward);
        ops[number].torch_gradient.push_back(times.gradient);
    }
}

// What PyTorch is to measure.
json plan(const std::vector<CommonOp>& ops, double seconds) {
    json list = json::array();
    for (const CommonOp& op : ops) list.push_back(op.json());
    return {{"seconds", seconds}, {"ops", list}};
}

void add_copy_rates(std::vector<Measured>& ops, const BackendPtr& backend) {
    MemoryCopyRates rates(backend);
    for (Measured& measured : ops) measured.copy_rate = rates.of(measured.bytes);
}

json report_op(const Measured& m, Table& table) {
    const double forward = spread_of(m.forward).median, gradient = spread_of(m.gradient).median;
    const double rate = static_cast<double>(m.bytes) / forward;
    const bool product = m.operations > 0, compared = !m.torch_forward.empty();
    std::vector<std::string> cells{m.op.text(), digits(1e6 * forward),
                                   product ? fmt::format("{} GFLOP/s", digits(m.operations / forward / 1e9))
                                           : fmt::format("{} GB/s", digits(rate / 1e9)),
                                   product ? "" : fmt::format("{:.2f}", rate / m.copy_rate),
                                   m.has_gradient() ? digits(1e6 * gradient) : "-"};
    json report{{"op", m.op.json()},           {"text", m.op.text()},
                {"forward_us", 1e6 * forward}, {"gradient_us", m.has_gradient() ? json(1e6 * gradient) : json()},
                {"bytes_a_second", rate},      {"copy_bytes_a_second", m.copy_rate}};
    if (product) report["operations_a_second"] = m.operations / forward;
    if (compared) {
        const Spread speed_up = spread_of(m.speed_up());
        cells.insert(cells.end(),
                     {digits(1e6 * spread_of(m.torch_forward).median), fmt::format("{:.2f}", speed_up.median)});
        report["torch_forward_us"] = 1e6 * spread_of(m.torch_forward).median;
        report["speed_up"] = spread_json(speed_up);
        if (m.has_gradient()) {
            const Spread of_gradient = spread_of(m.gradient_speed_up());
            cells.insert(cells.end(),
                         {digits(1e6 * spread_of(m.torch_gradient).median), fmt::format("{:.2f}", of_gradient.median)});
            report["torch_gradient_us"] = 1e6 * spread_of(m.torch_gradient).median;
            report["gradient_speed_up"] = spread_json(of_gradient);
        } else
            cells.insert(cells.end(), {"-", "-"});
    }
    table.add(cells);
    return report;
}

// The geometric mean of how much faster we are, and what is slower than 0.8 of PyTorch's speed.
json report_speed_up(const std::vector<Measured>& ops) {
    constexpr double slow = 0.8;
    std::vector<double> forward, gradient, all;
    json slower = json::array();
    const auto add = [&](const Measured& m, const char* what, double speed_up, std::vector<double>& list) {
        list.push_back(speed_up);
        all.push_back(speed_up);
        if (speed_up < slow) slower.push_back(fmt::format("{} {}: {:.2f}", m.op.text(), what, speed_up));
    };
    for (const Measured& m : ops) {
        add(m, "forward", spread_of(m.speed_up()).median, forward);
        if (m.has_gradient()) add(m, "gradient", spread_of(m.gradient_speed_up()).median, gradient);
    }
    print_line(fmt::format("times as fast as PyTorch, geometric mean: {:.2f} (forward {:.2f}{})", geometric_mean(all),
                           geometric_mean(forward),
                           gradient.empty() ? "" : fmt::format(", gradient {:.2f}", geometric_mean(gradient))));
    print_line(slower.empty() ? fmt::format("none is slower than {} of it", slow)
                              : fmt::format("slower than {} of it:", slow));
    for (const json& line : slower) print_line("  " + line.get<std::string>());
    return {{"geometric_mean", geometric_mean(all)},
            {"geometric_mean_forward", geometric_mean(forward)},
            {"slower", slower}};
}

json report_common(const Options& options, const BackendPtr& backend) {
    std::vector<Measured> ops;
    const std::vector<CommonOp> chosen = chosen_ops(options);
    for (const CommonOp& op : chosen) ops.push_back({.op = op});
    if (ops.empty()) return {};
    std::vector<std::string> header{"us", "forward", "rate", "of a copy", "gradient"};
    if (options.against_torch) {
        header.insert(header.end(), {"torch", "times as fast", "torch gradient", "times as fast"});
        const TemporaryFile file("ops.json");
        write_json(file.path(), plan(chosen, options.seconds));
        const std::string command =
            peer_command(options.peers, "pyg", "ops_torch.py", {file.path(), std::to_string(backend->threads())});
        alternate(
            options.rounds, [&] { measure_ours(ops, backend, options.seconds); },
            [&] { measure_torch(ops, command, backend->threads()); });
    } else
        measure_ours(ops, backend, options.seconds);
    add_copy_rates(ops, backend);

    Table table(header);
    json report{{"ops", json::array()}};
    for (const Measured& measured : ops) report["ops"].push_back(report_op(measured, table));
    print_line(table.text() +
               "gradient: forward and backward; of a copy: bytes read and written a second, by those of a memory copy "
               "of the size" +
               (backend->can_capture() ? " on the device, by the backend's own kernel" : ""));
    if (options.against_torch) report["against_torch"] = report_speed_up(ops);
    return report;
}

void run(const Options& options) {
    check_json_file(options.common.json);
    for (const std::string& library : options.libraries) load_extension(library);
    if (options.against_torch) require_peer(options.peers, "pyg");
    const BackendPtr backend = open_benchmark_backend(options.common);
    print_machine(*backend);
    const json samples = options.against_torch ? json() : report_samples(options, backend);
    const json common = report_common(options, backend);
    if (common.is_null() && (samples.is_null() || samples.empty()))
        throw ConfigError("--pattern " + options.pattern, "a pattern that the name of an op matches", "none that does",
                          "Quote it for the shell; '*' matches all");
    print_line("gather, scatter: the grouping of their index is made outside the time, as a graph layer makes it once");
    write_json(options.common.json,
               {{"benchmark", "ops"}, {"machine", machine_json(*backend)}, {"samples", samples}, {"common", common}});
}

}  // namespace

Benchmark ops_benchmark(CLI::App& tool) {
    const auto options = std::make_shared<Options>();
    CLI::App* const command = tool.add_subcommand(
        "ops", "Times every op on its samples, native and composed; then common ops beside a memory copy and PyTorch");
    command->add_option("--pattern", options->pattern, "Only ops whose name matches, as the shell matches files")
        ->type_name("GLOB")
        ->capture_default_str();
    add_load_option(*command, options->libraries);
    command->add_option("--sizes", options->sizes, "How many elements the common ops get, besides Cora's shapes")
        ->type_name("N,N,...")
        ->delimiter(',')
        ->check(CLI::Range(100.0, 1e9))
        ->default_str("1e3,1e5,1e7");
    command->add_option("--seconds", options->seconds, "How long each figure is measured")
        ->type_name("S")
        ->check(CLI::Range(0.0001, 1000.0))
        ->capture_default_str();
    CLI::Option* const against =
        command->add_flag("--against-torch", options->against_torch,
                          "Runs the common ops in PyTorch too, in turn; bench peers --set-up makes it");
    command->add_option("--peers", options->peers, "Where bench peers --set-up was told to put the others")
        ->type_name("DIR")
        ->capture_default_str();
    command->add_option("--rounds", options->rounds, "How often each side of --against-torch runs")
        ->type_name("N")
        ->check(CLI::Range(1, 1000))
        ->needs(against)
        ->capture_default_str();
    add_benchmark_options(*command, options->common);
    add_example(*command, "--pattern 'scatter_*'");
    return {command, [options] { run(*options); }};
}

}  // namespace tapegrad
