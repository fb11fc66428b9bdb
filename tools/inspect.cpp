// Shows what a trained model makes of one node: what it predicts, and which neighbours it hears how much.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "tools/common/output.hpp"
#include "tools/common/tool.hpp"
#include "tools/reports/node_drawing.hpp"
#include "tools/reports/node_text.hpp"
#include "tools/training/graph_data.hpp"
#include "tools/training/named_nodes.hpp"
#include "tools/training/predictions.hpp"
#include "tools/training/trained_run.hpp"

namespace {

using namespace tapegrad;

struct Arguments {
    std::string folder;
    std::string node;
    std::string data;
    int hops = 1;
    std::optional<std::int64_t> layer;
    std::optional<std::int64_t> head;
    std::size_t most = 20;
    std::string svg;
    bool json = false;
    UseOptions use;
};

void add_options(CLI::App& app, Arguments& arguments) {
    app.add_option("RUN", arguments.folder, "The folder that tools/train left behind")->required();
    app.add_option("--node", arguments.node, "The node: its name in the data set, or '#NUMBER'")
        ->required()
        ->type_name("PAPER");
    app.add_option("--data", arguments.data, "Look at a node of another graph: a data set's name or path")
        ->type_name("GRAPH");
    app.add_option("--hops", arguments.hops, "How far to look: 1, or 2 for the neighbours' neighbours too")
        ->check(CLI::Range(1, 2).description(""))
        ->type_name("1|2");
    app.add_option("--layer", arguments.layer, "Only this layer, as the config's model counts from 0")->type_name("L");
    app.add_option("--head", arguments.head, "Only this head, counted from 0")->type_name("H");
    app.add_option("--most", arguments.most, "How many neighbours the tables have; 0: all; default: 20")
        ->type_name("N");
    app.add_option("--svg", arguments.svg, "Draw the neighbourhood too")->type_name("FILE");
    app.add_flag("--json", arguments.json, "Print JSON in place of text");
    app.add_option("--backend", arguments.use.backend, "In place of the config's backend")->type_name("NAME");
    app.add_option("--threads", arguments.use.threads, "In place of the config's threads")->type_name("N");
    add_load_option(app, arguments.use.libraries);
    add_example(app, "runs/cora_gat --node 35 --hops 2 --svg 35.svg");
}

std::size_t position_of(const EdgeWeights& weights) { return std::stoul(weights.layer); }

// Every layer that weighs neighbours, by attention or by fixed numbers, in the model's order.
std::vector<LayerView> all_layers(const TrainedRun& run, const ModelAnalysis& analysis,
                                  const ConvolutionWeights& convolution) {
    std::vector<LayerView> layers;
    for (std::size_t position = 0; position < run.config.at("model").size(); ++position) {
        const std::string type = run.config.at("model").at(position).at("type");
        for (const EdgeWeights& attention : analysis.attention)
            if (position_of(attention) == position) layers.push_back({analysis.edges, attention, type, true});
        for (const EdgeWeights& fixed : convolution.layers)
            if (position_of(fixed) == position) layers.push_back({convolution.edges, fixed, type, false});
    }
    return layers;
}

// Those that --layer and --head let through. Throws ConfigError for a layer or a head that is not there.
std::vector<LayerView> chosen_layers(const std::vector<LayerView>& all, const Arguments& arguments) {
    std::vector<std::string> names, heads;
    std::vector<LayerView> chosen;
    for (const LayerView& layer : all) {
        names.push_back(layer.weights.layer);
        if (arguments.layer && std::to_string(*arguments.layer) != layer.weights.layer) continue;
        heads.push_back(fmt::format("{} of layer {}", layer.weights.heads, layer.weights.layer));
        if (arguments.head && (*arguments.head < 0 || *arguments.head >= layer.weights.heads)) continue;
        chosen.push_back(layer);
        chosen.back().head = arguments.head;
    }
    const auto listed = [](const std::vector<std::string>& items) { return fmt::format("{}", fmt::join(items, ", ")); };
    if (arguments.layer && heads.empty())
        throw ConfigError(fmt::format("--layer {}", *arguments.layer), "a layer that weighs neighbours",
                          names.empty() ? "a model without any" : "another one",
                          names.empty() ? "Leave it out to see the predictions" : "Such layers are " + listed(names));
    if (arguments.head && chosen.empty())
        throw ConfigError(fmt::format("--head {}", *arguments.head), "a head of a layer, counted from 0",
                          heads.empty() ? "a model without heads" : "one that no layer has",
                          heads.empty() ? "Leave it out" : "The numbers of heads are " + listed(heads));
    return chosen;
}

// What the nodes heard that the last of `chosen` looks at: none where it is the first that weighs neighbours.
std::optional<LayerView> layer_before(const std::vector<LayerView>& all, const std::vector<LayerView>& chosen) {
    if (chosen.empty()) return std::nullopt;
    const auto last = std::ranges::find_if(
        all, [&](const LayerView& layer) { return layer.weights.layer == chosen.back().weights.layer; });
    return last == all.begin() ? std::nullopt : std::optional(*(last - 1));
}

void run(const Arguments& arguments) {
    check_output_file("--svg", arguments.svg);
    const TrainedRun run = open_run(arguments.folder, arguments.use);
    const Dataset dataset = load_run_dataset(run, arguments.data);
    const std::int32_t node = find_node(dataset, arguments.node);
    const GraphInput input = prepare_graph_input(dataset, run.config.at("dataset"), run.backend);
    const ModelAnalysis analysis = analyse(*run.model, input);
    check_finite(analysis.logits, dataset, run.weights);
    const ConvolutionWeights convolution = convolution_weights(*run.model, input.graph);

    const std::vector<LayerView> layers = all_layers(run, analysis, convolution);
    const std::vector<LayerView> chosen = chosen_layers(layers, arguments);
    const NodeView view{
        dataset, run.class_names, analysis, node, chosen, layer_before(layers, chosen), arguments.hops == 2};
    if (!arguments.svg.empty()) write_file(arguments.svg, to_svg(view));
    if (arguments.json)
        fmt::print("{}\n", to_json(view).dump(4, ' ', false, nlohmann::json::error_handler_t::replace));
    else
        fmt::print("{}", to_text(view, arguments.most));
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Shows what a trained model makes of one node and which neighbours it hears.", "inspect");
    Arguments arguments;
    add_options(app, arguments);
    return run_tool(app, argc, argv, [&] { run(arguments); });
}
