#include "tools/benchmarks/gat_case.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "autograd/edit_distance.hpp"
#include "autograd/errors.hpp"
#include "datasets/load.hpp"
#include "tools/benchmarks/machine.hpp"
#include "tools/benchmarks/synthetic_graph.hpp"
#include "tools/configs/config.hpp"
#include "tools/data/known_datasets.hpp"
#include "tools/training/model.hpp"

namespace tapegrad {
namespace {

using nlohmann::json;

// What belongs to a name of --data. `synthetic` takes all sizes from the command line.
struct Defaults {
    std::string name;
    std::int64_t nodes, undirected_edges, features, classes;
    std::int64_t layers, heads, hidden;
    int steps;
};

// arxiv and products have the sizes of ogbn-arxiv and ogbn-products (Hu et al., "Open Graph Benchmark", NeurIPS 2020).
const std::array<Defaults, 5> known{{
    {"cora", 0, 0, 0, 0, 2, 8, 8, 100},
    {"mid", 50'000, 400'000, 256, 16, 2, 8, 8, 20},
    {"arxiv", 169'343, 1'157'799, 128, 40, 3, 8, 16, 10},
    {"products", 2'449'029, 61'859'140, 100, 47, 2, 4, 16, 3},
    {"synthetic", 10'000, 70'000, 100, 40, 2, 4, 16, 10},
}};

// The defaults of a file of edges.
const Defaults of_a_file{"", 0, 0, 128, 40, 2, 8, 8, 10};

const Defaults& defaults_of(const std::string& data) {
    const auto found = std::ranges::find(known, data, &Defaults::name);
    return found == known.end() ? of_a_file : *found;
}

void refuse(const char* option, bool given, const std::string& data) {
    if (given)
        throw ConfigError(option, fmt::format("nothing, since --data {} has its own", data), "a value",
                          "Leave it out, or use --data synthetic");
}

// Refuses what would drive the machine out of memory before the first step: the features twice, on the host and on the
// backend; six i32 an edge; weights and offsets.
void check_memory(std::int64_t nodes, std::int64_t edges, std::int64_t features) {
    const std::int64_t needed = 8 * nodes * features + 24 * edges + 64 * nodes;
    const std::optional<std::int64_t> available = available_memory();
    if (available && needed > *available)
        throw ConfigError("the graph", fmt::format("one that fits into {} of free memory", bytes_text(*available)),
                          fmt::format("{} nodes with {} features and {} edges, which need about {}", nodes, features,
                                      edges, bytes_text(needed)),
                          "Choose a smaller one");
}

// Read only when it fits into memory.
CsrGraph graph_of_file(const std::string& file, std::int64_t features) {
    const EdgeCounts counts = read_edge_counts(file);
    check_memory(counts.nodes, counts.edges, features);
    return read_edges(file);
}

GraphData make_data(const GatOptions& options, const Defaults& defaults, const json& config,
                    const BackendPtr& backend) {
    const bool synthetic = options.data == "synthetic";
    refuse("--nodes", options.nodes && !synthetic, options.data);
    refuse("--edges", options.edges && !synthetic, options.data);
    if (options.data == "cora") {
        refuse("--features", options.features.has_value(), options.data);
        refuse("--classes", options.classes.has_value(), options.data);
        check_dataset_name("cora");
        return prepare_graph_data(load_dataset("cora", data_folders()), config.at("dataset"), backend);
    }
    const RandomData random{options.features.value_or(defaults.features), options.classes.value_or(defaults.classes),
                            options.seed};
    if (defaults.name.empty()) return with_random_data(graph_of_file(options.data, random.features), random, backend);
    const std::int64_t nodes = options.nodes.value_or(defaults.nodes);
    const std::int64_t edges = options.edges.value_or(defaults.undirected_edges);
    check_memory(nodes, 2 * edges + nodes, random.features);
    return with_random_data(power_law_graph(nodes, edges, options.seed), random, backend);
}

// Hidden layers of `heads` x `hidden` with elu after each, then one head that gives out the classes.
json make_config(const GatOptions& options) {
    const GatSizes sizes = sizes_of(options);
    const auto layer = [&](const json& features, std::int64_t heads) {
        return json{{"type", "gat"},
                    {"out_features", features},
                    {"heads", heads},
                    {"dropout", options.dropout},
                    {"attention_dropout", options.dropout},
                    {"feature_dropout", options.feature_dropout}};
    };
    json model = json::array();
    for (std::int64_t hidden = 1; hidden < sizes.layers; ++hidden) {
        model.push_back(layer(sizes.hidden, sizes.heads));
        model.push_back({{"type", "elu"}});
    }
    model.push_back(layer("classes", 1));
    json config{{"dataset", {{"name", "cora"}}},
                {"model", model},
                {"seed", options.seed},
                {"optimizer", {{"type", "adam"}, {"learning_rate", 0.005}, {"weight_decay", 5e-4}}}};
    complete_config(config, "the benchmark's model");
    return config;
}

std::string describe(const GatOptions& options, const GatCase& made) {
    std::int64_t parameters = 0;
    for (const auto& [name, parameter] : made.model->parameters()) parameters += parameter.size();
    return fmt::format(
        "{}: {} nodes, {} edges, {} features, {} classes | {} layers, hidden {} x {}, dropout {} on inputs and "
        "attention, {} on projected features, {} parameters, seed {}",
        options.data, made.data.graph.nodes, made.data.graph.edges(), made.data.feature_count, made.data.classes,
        made.sizes.layers, made.sizes.heads, made.sizes.hidden, options.dropout, options.feature_dropout, parameters,
        options.seed);
}

}  // namespace

void check_data_name(const std::string& data) {
    std::vector<std::string> names;
    for (const Defaults& defaults : known) names.push_back(defaults.name);
    std::error_code error;
    if (std::ranges::count(names, data) != 0 || data.find('/') != std::string::npos ||
        std::filesystem::exists(data, error))
        return;
    throw ConfigError("--data", fmt::format("one of {}, or a file of edges", fmt::join(names, ", ")),
                      fmt::format("\"{}\"", data), fmt::format("The nearest is \"{}\"", nearest(data, names)));
}

GatSizes sizes_of(const GatOptions& options) {
    const Defaults& defaults = defaults_of(options.data);
    return {.layers = options.layers.value_or(defaults.layers),
            .heads = options.heads.value_or(defaults.heads),
            .hidden = options.hidden.value_or(defaults.hidden),
            .steps = defaults.steps};
}

void add_gat_options(CLI::App& command, GatOptions& options) {
    const auto number = [&](const char* name, std::optional<std::int64_t>& value, std::int64_t largest,
                            const char* description) {
        command.add_option(name, value, description)->type_name("N")->check(CLI::Range(std::int64_t{1}, largest));
    };
    command
        .add_option("--data", options.data,
                    "cora; mid, arxiv, products (random power-law graphs, the last two of the sizes of ogbn-arxiv and "
                    "ogbn-products); synthetic (of --nodes and --edges); or a file of edges as --export writes it")
        ->type_name("cora|mid|arxiv|products|synthetic|FILE")
        ->capture_default_str();
    number("--nodes", options.nodes, 1'000'000'000, "Nodes of --data synthetic; default 10000");
    number("--edges", options.edges, 1'000'000'000,
           "Undirected edges of --data synthetic, before self loops; default 70000");
    number("--features", options.features, 100'000, "Features of a node; Cora has its own");
    number("--classes", options.classes, 100'000, "Classes; Cora has its own");
    number("--layers", options.layers, 100, "Layers; default 2, arxiv 3");
    number("--hidden", options.hidden, 10'000,
           "Width of a head in the hidden layers; default 8, arxiv, products, synthetic 16");
    number("--heads", options.heads, 1024, "Heads of the hidden layers; default 8, products and synthetic 4");
    command.add_option("--drop", options.dropout, "Dropout of inputs and attention coefficients")
        ->type_name("P")
        ->check(CLI::Range(0.0, 0.999))
        ->capture_default_str();
    command
        .add_option("--feature-drop", options.feature_dropout,
                    "Dropout of the projected features, the paper's third, which PyG and DGL do not have")
        ->type_name("P")
        ->check(CLI::Range(0.0, 0.999))
        ->capture_default_str();
    command.add_option("--seed", options.seed, "Of random graphs, weights and dropout")
        ->type_name("N")
        ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1} << 53))
        ->capture_default_str();
}

std::vector<std::string> arguments_of(const GatOptions& options) {
    std::vector<std::string> arguments{"--data",         options.data,
                                       "--drop",         fmt::format("{}", options.dropout),
                                       "--feature-drop", fmt::format("{}", options.feature_dropout),
                                       "--seed",         std::to_string(options.seed)};
    const auto add = [&](const char* name, const std::optional<std::int64_t>& value) {
        if (value) arguments.insert(arguments.end(), {name, std::to_string(*value)});
    };
    add("--nodes", options.nodes);
    add("--edges", options.edges);
    add("--features", options.features);
    add("--classes", options.classes);
    add("--layers", options.layers);
    add("--hidden", options.hidden);
    add("--heads", options.heads);
    return arguments;
}

GatCase make_gat_case(const GatOptions& options, const BackendPtr& backend) {
    check_data_name(options.data);
    const Defaults& defaults = defaults_of(options.data);
    const json config = make_config(options);
    GraphData data = make_data(options, defaults, config, backend);
    const std::shared_ptr<Module> model =
        build_model(config.at("model"), {data.feature_count, data.classes}, backend, options.seed);
    GatCase made{.description = {},
                 .data = std::move(data),
                 .model = model,
                 .optimizer = build_optimizer(config.at("optimizer"), config.at("model"), *model),
                 .training = training_options(config.at("training"), options.seed),
                 .sizes = sizes_of(options)};
    made.description = describe(options, made);
    return made;
}

}  // namespace tapegrad
