// Weights on their way to PyTorch Geometric (PyG) and back, and what a file of weights holds; docs/using.md shows how
// it is used.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "nn/pyg_names.hpp"
#include "nn/safetensors.hpp"
#include "tools/common/chosen_backend.hpp"
#include "tools/common/log.hpp"
#include "tools/common/output.hpp"
#include "tools/common/tool.hpp"
#include "tools/training/trained_run.hpp"

namespace {

using namespace tapegrad;
namespace fs = std::filesystem;

struct Arguments {
    std::string path;   // of a run, a config or weights
    std::string model;  // the run or config that weights belong to
    WeightNames names = WeightNames::pyg;
    std::vector<std::string> libraries;
    std::string out;
};

// Nothing is computed but copies: any backend will do.
TrainedRun open_weights(const std::string& run_or_config, const fs::path& weights, WeightNames names,
                        const Arguments& arguments) {
    return open_run_or_config(
        run_or_config,
        {.backend = "reference", .threads = 1, .weights = weights, .libraries = arguments.libraries, .names = names});
}

void write(const std::string& file, const std::vector<NamedTensor>& tensors, WeightNames names) {
    // What Python libraries that read weights for PyTorch ask for.
    const Metadata metadata = names == WeightNames::pyg ? Metadata{{"format", "pt"}} : Metadata{};
    save_safetensors(file, tensors, metadata);
    log(LogLevel::info, fmt::format("{} tensors in {}", tensors.size(), file));
}

void export_weights(const Arguments& arguments) {
    check_output_file("--out", arguments.out);
    // A file of weights needs the model that it belongs to; a run has both.
    const TrainedRun run = arguments.model.empty()
                               ? open_weights(arguments.path, {}, WeightNames::tapegrad, arguments)
                               : open_weights(arguments.model, arguments.path, WeightNames::tapegrad, arguments);
    const std::vector<NamedParameter> parameters = run.model->parameters();
    write(arguments.out, arguments.names == WeightNames::pyg ? to_pyg(run.config.at("model"), parameters) : parameters,
          arguments.names);
}

void import_weights(const Arguments& arguments) {
    check_output_file("--out", arguments.out);
    const TrainedRun run = open_weights(arguments.model, arguments.path, arguments.names, arguments);
    write(arguments.out, run.model->parameters(), WeightNames::tapegrad);
}

void show_weights(const Arguments& arguments) {
    const fs::path file = fs::is_directory(arguments.path) ? run_weights(arguments.path) : fs::path(arguments.path);
    const SafetensorsContent content = load_safetensors(open_chosen_backend("reference", 1), file);
    Table table({"name", "dtype", "shape", "numbers", "norm"});
    std::int64_t total = 0;
    for (const auto& [name, tensor] : content.tensors) {
        double squares = 0;
        for (const double value : tensor.values<double>()) squares += value * value;
        table.add({name, to_string(tensor.dtype()), to_string(tensor.shape()), fmt::format("{}", tensor.size()),
                   fmt::format("{:.6g}", std::sqrt(squares))});
        total += tensor.size();
    }
    std::string text = table.text();
    text += fmt::format("{} tensors with {} numbers\n", content.tensors.size(), total);
    for (const auto& [key, value] : content.metadata) text += fmt::format("metadata {}: {}\n", key, value);
    write_output("", text);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Weights on their way to PyTorch Geometric (PyG) and back. weights COMMAND --help lists the options.",
                 "weights");
    Arguments arguments;

    CLI::App* const exporting = app.add_subcommand("export", "Write the weights of a run as PyG names them");
    exporting->add_option("RUN|FILE", arguments.path, "The folder of a run; or weights, with --config")->required();
    exporting->add_option("--config", arguments.model, "The config or run whose model FILE belongs to")
        ->type_name("CONFIG|RUN");
    add_names_option(*exporting, arguments.names, "Whose names are written; default: pyg");
    add_example(*exporting, "runs/cora_gat --names pyg --out for_pyg.safetensors");

    CLI::App* const importing = app.add_subcommand("import", "Write weights of PyG under the names of tapegrad");
    importing->add_option("FILE", arguments.path, "Weights that safetensors.torch.save_file wrote")->required();
    importing->add_option("--config", arguments.model, "The config or run whose model they are for")
        ->type_name("CONFIG|RUN")
        ->required();
    add_names_option(*importing, arguments.names, "Whose names FILE has; default: pyg");
    add_example(*importing, "from_pyg.safetensors --config examples/cora_gat.json --out model.safetensors");

    CLI::App* const showing = app.add_subcommand("show", "List the tensors of a file: names, shapes, norms");
    showing->add_option("RUN|FILE", arguments.path, "The folder of a run, or weights")->required();
    add_example(*showing, "runs/cora_gat");

    for (CLI::App* const command : {exporting, importing}) {
        command->add_option("--out", arguments.out, "The file to write")->type_name("FILE")->required();
        add_load_option(*command, arguments.libraries);
    }
    app.require_subcommand(0, 1);
    add_example(app, "export runs/cora_gat --names pyg --out for_pyg.safetensors");
    return run_tool(app, argc, argv, [&] {
        if (exporting->parsed()) return export_weights(arguments);
        if (importing->parsed()) return import_weights(arguments);
        if (showing->parsed()) return show_weights(arguments);
        throw CLI::RequiredError("A command");
    });
}
