// Says which class each node of a graph has, by a trained model; docs/using.md shows how it is used.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tools/common/log.hpp"
#include "tools/common/output.hpp"
#include "tools/common/tool.hpp"
#include "tools/training/named_nodes.hpp"
#include "tools/training/predictions.hpp"
#include "tools/training/trained_run.hpp"

namespace {

using namespace tapegrad;

struct Arguments {
    std::string run;
    UseOptions use;
    std::string data;
    std::vector<std::string> nodes{"all"};
    std::string format = "tsv";
    bool logits = false;
    std::string out;
};

void add_options(CLI::App& app, Arguments& arguments) {
    app.add_option("RUN|CONFIG", arguments.run, "The folder of a run; or a config, with --weights")->required();
    app.add_option("--data", arguments.data,
                   "The graph, by name or path; default: the one that the model was trained on")
        ->type_name("GRAPH");
    app.add_option("--nodes", arguments.nodes, "all, train, val, test, ids of nodes or '#NUMBER', with commas between")
        ->type_name("NODES")
        ->allow_extra_args(false)
        ->capture_default_str();
    app.add_option("--format", arguments.format, "A table, or an object of JSON a line")
        ->type_name("tsv|jsonl")
        ->check(CLI::IsMember({"tsv", "jsonl"}).description(""))
        ->capture_default_str();
    app.add_flag("--logits", arguments.logits, "For each class its logit in place of its probability");
    app.add_option("--out", arguments.out, "The file to write; default: stdout")->type_name("FILE");
    app.add_option("--weights", arguments.use.weights, "Weights in place of the run's")->type_name("FILE");
    add_names_option(app, arguments.use.names, "Whose names the tensors of --weights have; default: tapegrad");
    app.add_option("--backend", arguments.use.backend, "In place of the config's backend")->type_name("NAME");
    app.add_option("--threads", arguments.use.threads, "In place of the config's threads")->type_name("N");
    add_load_option(app, arguments.use.libraries);
    add_example(app, "runs/cora_gat --nodes test --format jsonl");
}

void run(const Arguments& arguments) {
    check_output_file("--out", arguments.out);
    const TrainedRun run = open_run_or_config(arguments.run, arguments.use);
    if (arguments.use.weights.empty() && run.weights.filename() != "model.safetensors")
        log(LogLevel::info, fmt::format("the run has not ended; these are the weights of its best epoch so far, {}",
                                        run.weights.string()));
    const Dataset dataset = load_run_dataset(run, arguments.data);
    const std::vector<std::int32_t> labels = labels_of_model(dataset, run.class_names);
    const std::vector<std::int32_t> nodes = named_nodes(dataset, arguments.nodes);
    const Predictions predictions = predict(run, dataset);

    const PredictedNumbers numbers = arguments.logits ? PredictedNumbers::logits : PredictedNumbers::probabilities;
    const auto to_text = arguments.format == "tsv" ? to_tsv : to_json_lines;
    write_output(arguments.out, to_text(dataset, predictions, nodes, numbers));
    if (const std::string accuracy = accuracy_in_words(dataset, predictions, labels); !accuracy.empty())
        log(LogLevel::info, accuracy);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Says which class each node of a graph has, by a trained model.", "predict");
    Arguments arguments;
    add_options(app, arguments);
    return run_tool(app, argc, argv, [&] { run(arguments); });
}
