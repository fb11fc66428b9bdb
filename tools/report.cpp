// Writes report.html of a training run anew: what the model learned, on one page. docs/report.md tells how its figures
// come about.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "tools/common/output.hpp"
#include "tools/common/tool.hpp"
#include "tools/reports/write_report.hpp"
#include "tools/training/graph_data.hpp"
#include "tools/training/trained_run.hpp"

namespace {

using namespace tapegrad;

struct Arguments {
    std::string folder;
    MapMethod map = MapMethod::pca;
    std::string out;
    std::string json;
    UseOptions use;
};

void add_options(CLI::App& app, Arguments& arguments) {
    app.add_option("RUN", arguments.folder, "The folder that tools/train left behind")->required();
    app.add_option("--map", arguments.map, "How the nodes are laid out: pca, or tsne, which takes seconds")
        ->transform(CLI::CheckedTransformer(
                        std::map<std::string, MapMethod>{{"pca", MapMethod::pca}, {"tsne", MapMethod::tsne}})
                        .description(""))
        ->type_name("pca|tsne")
        ->default_str("pca");
    CLI::Option* const out =
        app.add_option("--out", arguments.out, "The page; default: RUN/report.html")->type_name("FILE");
    app.add_option("--json", arguments.json, "Write the page's data instead of the page")
        ->type_name("FILE")
        ->excludes(out);
    app.add_option("--backend", arguments.use.backend, "In place of the config's backend")->type_name("NAME");
    app.add_option("--threads", arguments.use.threads, "In place of the config's threads")->type_name("N");
    add_load_option(app, arguments.use.libraries);
    add_example(app, "runs/cora_gat --map tsne");
}

// The classes of the data set have to be those that the model tells apart.
void check_classes(const TrainedRun& run, const Dataset& dataset) {
    if (dataset.class_names == run.class_names) return;
    throw ConfigError("data set " + dataset.name, "the classes that the run was trained on", "others",
                      "Restore the data set, or train anew");
}

void run(const Arguments& arguments) {
    check_json_file(arguments.json);
    check_output_file("--out", arguments.out);
    const TrainedRun run = open_run(arguments.folder, arguments.use);
    const Dataset dataset = load_run_dataset(run, "", ChangedData::refused);
    check_classes(run, dataset);
    const GraphData data = prepare_graph_data(dataset, run.config.at("dataset"), run.backend);
    const ReportInputs inputs{run.folder, run.config, *run.model, dataset, data, arguments.map};
    const std::filesystem::path page =
        arguments.out.empty() ? run.folder / "report.html" : std::filesystem::path(arguments.out);
    if (arguments.json.empty())
        write_report(inputs, page);
    else
        write_json(arguments.json, report_data(inputs));
    print_line(arguments.json.empty() ? page.string() : arguments.json);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Writes the report of a training run anew: one page that shows what the model learned.", "report");
    Arguments arguments;
    add_options(app, arguments);
    return run_tool(app, argc, argv, [&] { run(arguments); });
}
