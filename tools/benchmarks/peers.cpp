// bench peers: the same graph attention network in other frameworks, side by side.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "autograd/errors.hpp"
#include "tools/benchmarks/against.hpp"
#include "tools/benchmarks/child_process.hpp"
#include "tools/benchmarks/gat_case.hpp"
#include "tools/benchmarks/machine.hpp"
#include "tools/benchmarks/peer_programs.hpp"
#include "tools/benchmarks/report.hpp"
#include "tools/benchmarks/temporary_file.hpp"
#include "tools/common/tool.hpp"

namespace tapegrad {
namespace {

using nlohmann::json;

struct Options {
    BenchmarkOptions common;
    GatOptions gat;
    std::string folder = default_peers_folder();
    std::vector<std::string> only;
    bool set_up = false;
    std::optional<int> steps;
    int rounds = 3;
};

std::vector<Peer> chosen_peers(const Options& options) {
    std::vector<Peer> chosen;
    for (const Peer& peer : all_peers())
        if (options.only.empty() || std::ranges::count(options.only, peer.name) != 0) chosen.push_back(peer);
    return chosen;
}

// The chosen peers that are there; says which are not.
std::vector<Peer> ready_peers(const Options& options) {
    std::vector<Peer> ready;
    for (const Peer& peer : chosen_peers(options)) {
        if (is_set_up(options.folder, peer.name))
            ready.push_back(peer);
        else
            print_line(fmt::format("{} is not in {}: left out; --set-up makes it", peer.title, options.folder));
    }
    if (ready.empty())
        throw ConfigError("bench peers", fmt::format("at least one of them in {}", options.folder), "none",
                          "Give --set-up (5 GB of disk for all), or --dir with the folder that holds them");
    return ready;
}

// One program that prints the median time of its training step.
struct Contestant {
    std::string title;
    std::string command;
    std::vector<double> ms;  // one a round
    double peak_mebibytes = 0;
};

std::vector<Contestant> contestants(const Options& options, const std::vector<Peer>& peers, const std::string& data,
                                    int threads, double dropout) {
    const GatSizes sizes = sizes_of(options.gat);
    const std::string steps = std::to_string(options.steps.value_or(sizes.steps));
    GatOptions gat = options.gat;
    gat.dropout = dropout;
    std::vector<std::string> arguments{"gat", "--epochs", "0", "--steps", steps};
    for (const auto& more : {arguments_of(BenchmarkOptions{options.common.backend, threads, ""}), arguments_of(gat)})
        arguments.insert(arguments.end(), more.begin(), more.end());
    std::vector<Contestant> all{{"tapegrad", own_command(arguments), {}, 0}};
    for (const Peer& peer : peers)
        all.push_back({peer.title,
                       peer_command(options.folder, peer.name, peer.program,
                                    {data, "--threads", std::to_string(threads), "--steps", steps, "--layers",
                                     std::to_string(sizes.layers), "--heads", std::to_string(sizes.heads), "--hidden",
                                     std::to_string(sizes.hidden), "--drop", fmt::format("{}", dropout)}),
                       {},
                       0});
    return all;
}

// What of the settings differs between us and the others.
std::string difference(const std::string& data) {
    return data == "cora" ? "ours keeps Cora's features sparse; the others get them dense, as their users do"
                          : "all get the same dense features";
}

void run_once(Contestant& contestant, int threads) {
    const std::string output = output_of(contestant.command, threads);
    const std::optional<double> ms = median_step_ms(output);
    if (!ms || !(*ms > 0))
        throw BackendError(fmt::format("command '{}'", contestant.command), "a median training step in its output",
                           fmt::format("\"{}\"", output.substr(0, 300)), "Run it by hand to see what is wrong");
    contestant.ms.push_back(*ms);
    contestant.peak_mebibytes = std::max(contestant.peak_mebibytes, peak_mebibytes(output).value_or(0));
}

// All of them in turn, forwards and backwards by turns.
void run_rounds(std::vector<Contestant>& all, int rounds, int threads) {
    for (int round = 0; round < rounds; ++round) {
        for (Contestant& contestant : all) run_once(contestant, threads);
        std::ranges::reverse(all);
    }
    if (rounds % 2 != 0) std::ranges::reverse(all);
}

// `machine` is that of our side, with the threads of the setting.
json report_setting(const std::vector<Contestant>& all, const json& machine, double dropout, Table& table) {
    const int threads = machine.at("threads");
    json list = json::array();
    for (const Contestant& contestant : all) {
        const Spread ms = spread_of(contestant.ms), ratio = spread_of(ratios(contestant.ms, all[0].ms));
        table.add({contestant.title, std::to_string(threads), fmt::format("{}", dropout), digits(ms.median),
                   fmt::format("{:.2f}", ratio.median), fmt::format("{:.2f} to {:.2f}", ratio.lower, ratio.upper),
                   contestant.peak_mebibytes > 0 ? fmt::format("{:.0f}", contestant.peak_mebibytes) : "-"});
        list.push_back({{"name", contestant.title},
                        {"command", contestant.command},
                        {"threads", threads},
                        {"dropout", dropout},
                        {"ms", contestant.ms},
                        {"times_ours", spread_json(ratio)},
                        {"peak_mebibytes", contestant.peak_mebibytes}});
    }
    return {{"machine", machine}, {"dropout", dropout}, {"programs", list}};
}

std::vector<int> thread_counts(const Options& options) {
    if (options.common.threads > 0) return {options.common.threads};
    return core_count() == 1 ? std::vector{1} : std::vector{1, 2};
}

void export_data(const Options& options, const std::string& file) {
    std::vector<std::string> arguments{"gat", "--epochs", "0", "--steps", "0", "--export-data", file};
    for (const std::string& argument : arguments_of(options.gat)) arguments.push_back(argument);
    output_of(own_command(arguments), 1);
}

void set_up_peers(const Options& options) {
    print_line(
        fmt::format("Python environments in {}, from the package registry; about 5 GB for all three", options.folder));
    for (const Peer& peer : chosen_peers(options)) {
        if (is_set_up(options.folder, peer.name))
            print_line(peer.title + " is there already; delete its folder to make it anew");
        else
            set_up(options.folder, peer);
    }
}

void run(const Options& options) {
    check_json_file(options.common.json);
    check_data_name(options.gat.data);
    if (options.gat.feature_dropout > 0)
        throw ConfigError("--feature-drop", "0, since PyG, DGL and JAX's program have no such dropout",
                          fmt::format("{}", options.gat.feature_dropout), "Leave it out");
    if (options.set_up) set_up_peers(options);
    const std::vector<Peer> peers = ready_peers(options);
    const std::vector<int> threads_of_settings = thread_counts(options);
    const auto open = [&](int threads) { return open_benchmark_backend({options.common.backend, threads, ""}); };
    print_machine(*open(threads_of_settings.back()));
    print_line(difference(options.gat.data));

    const TemporaryFile data("data.bin");
    export_data(options, data.path());
    Table table({"training step", "threads", "dropout", "ms", "times ours", "quartiles", "peak MiB"});
    json settings = json::array();
    for (const int threads : threads_of_settings)
        for (const double dropout : {options.gat.dropout, 0.0}) {
            std::vector<Contestant> all = contestants(options, peers, data.path(), threads, dropout);
            run_rounds(all, options.rounds, threads);
            settings.push_back(report_setting(all, machine_json(*open(threads)), dropout, table));
            print_line(fmt::format("{} thread{}, dropout {}: done", threads, threads == 1 ? "" : "s", dropout));
            if (options.gat.dropout == 0) break;
        }
    print_line(table.text());
    write_json(options.common.json, {{"benchmark", "peers"},
                                     {"data", options.gat.data},
                                     {"difference", difference(options.gat.data)},
                                     {"settings", settings}});
}

}  // namespace

Benchmark peers_benchmark(CLI::App& tool) {
    const auto options = std::make_shared<Options>();
    CLI::App* const command = tool.add_subcommand(
        "peers",
        "Trains the same network in PyTorch Geometric, DGL and JAX in turn with ours; with and without dropout");
    command->add_flag("--set-up", options->set_up,
                      "First makes a Python environment for each that has none: python3 -m venv and pip, 5 GB in all");
    command->add_option("--dir", options->folder, "Where the environments are: DIR/pyg, DIR/dgl, DIR/jax")
        ->type_name("DIR")
        ->capture_default_str();
    command->add_option("--only", options->only, "Only these")
        ->delimiter(',')
        ->type_name("NAME,...")
        ->check(CLI::IsMember({"pyg", "dgl", "jax"}));
    add_gat_options(*command, options->gat);
    command->add_option("--steps", options->steps, "How many steps each is timed for; default 3 to 100, by size")
        ->type_name("N")
        ->check(CLI::Range(1, 1'000'000));
    command->add_option("--rounds", options->rounds, "How often each runs")
        ->type_name("N")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    add_benchmark_options(*command, options->common, "1 and 2, one after the other");
    add_example(*command, "--set-up --only pyg");
    return {command, [options] { run(*options); }};
}

}  // namespace tapegrad
