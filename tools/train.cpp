// Trains the model that a JSON config describes. docs/config.md explains configs and what a run leaves behind.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "autograd/version.hpp"
#include "datasets/load.hpp"
#include "nn/extension.hpp"
#include "nn/safetensors.hpp"
#include "tools/common/chosen_backend.hpp"
#include "tools/common/tool.hpp"
#include "tools/configs/config.hpp"
#include "tools/data/known_datasets.hpp"
#include "tools/training/explanation.hpp"
#include "tools/training/graph_data.hpp"
#include "tools/training/model.hpp"
#include "tools/training/run_description.hpp"
#include "tools/training/run_folder.hpp"
#include "tools/training/training.hpp"

namespace {

using namespace tapegrad;
using nlohmann::json;
namespace fs = std::filesystem;

struct Arguments {
    std::string config;
    std::vector<std::string> assignments;
    std::string out;
    std::string backend;
    std::optional<std::int64_t> threads;
    std::optional<std::int64_t> seed;
    std::vector<std::string> libraries;
    bool quiet = false;
    bool overwrite = false;
    bool explain = false;
};

void add_options(CLI::App& app, Arguments& arguments) {
    app.add_option("CONFIG", arguments.config, "The config, a JSON file; examples/ holds some")->required();
    app.add_option("--set", arguments.assignments, "Set a value of the config")
        ->type_name("KEY.PATH=VALUE")
        ->allow_extra_args(false);
    CLI::Option* const out =
        app.add_option("--out", arguments.out, "The folder for the run's files; default: a new one in runs/");
    app.add_option("--backend", arguments.backend, "In place of the config's backend")->type_name("NAME");
    app.add_option("--threads", arguments.threads, "In place of the config's threads")->type_name("N");
    app.add_option("--seed", arguments.seed, "In place of the config's seed")->type_name("N");
    add_load_option(app, arguments.libraries);
    app.add_flag("--quiet", arguments.quiet, "Print nothing but the last line");
    app.add_flag("--overwrite", arguments.overwrite, "Replace the run that DIR holds")->needs(out->type_name("DIR"));
    app.add_flag("--explain", arguments.explain, "Tell on stderr which ops ran and where the time went");
    app.footer("--set and --load may be given repeatedly. Exit code: 0 done, 1 failed, 2 wrong usage or config.");
}

// The config with what the command line changes, its extensions loaded, complete and checked.
json make_config(const Arguments& arguments) {
    json config = read_config(arguments.config);
    for (const std::string& assignment : arguments.assignments) set_value(config, assignment);
    resolve_paths(config, fs::absolute(arguments.config).parent_path());

    const bool is_path = arguments.backend.find('/') != std::string::npos;
    if (!arguments.backend.empty())
        config["backend"] = is_path ? fs::absolute(arguments.backend).string() : arguments.backend;
    if (arguments.threads) config["threads"] = *arguments.threads;
    if (arguments.seed) config["seed"] = *arguments.seed;

    json& extensions = config.emplace("extensions", json::array()).first.value();
    if (extensions.is_array()) {
        for (const std::string& library : arguments.libraries) extensions.push_back(fs::absolute(library).string());
        for (const json& library : extensions)
            if (library.is_string()) load_extension(library.get<std::string>());
    }
    complete_config(config, arguments.config);
    return config;
}

RunFolder make_run_folder(const Arguments& arguments, const json& config) {
    if (!arguments.out.empty()) return {arguments.out, config, arguments.overwrite};
    const fs::path name = fs::path(arguments.config).stem();
    return {make_numbered_folder("runs" / name), config, false};
}

void print_epoch(const EpochReport& report) {
    fmt::print("Epoch {:05} | Loss {:.4f} | Time(s) {:.4f}", report.epoch, report.train_loss, report.step_seconds);
    if (report.validation)
        fmt::print(" | Val loss {:.4f} | Val accuracy {:.4f}", report.validation->loss, report.validation->accuracy);
    fmt::print("\n");
    std::fflush(stdout);
}

json metrics_of(const EpochReport& report) {
    json metrics{{"epoch", report.epoch}, {"train_loss", report.train_loss}, {"seconds", report.step_seconds}};
    metrics["val_loss"] = report.validation ? json(report.validation->loss) : json();
    metrics["val_accuracy"] = report.validation ? json(report.validation->accuracy) : json();
    return metrics;
}

void run(const Arguments& arguments, PartTimes& parts) {
    parts.begin("config");
    const json config = make_config(arguments);
    const std::uint64_t seed = config.at("seed");
    OpProfile profile;
    TrainingOptions options = training_options(config.at("training"), seed);
    if (arguments.explain) options.profile = &profile;
    check_dataset_name(config.at("dataset").at("name"));

    parts.begin("open backend");
    const BackendPtr backend = open_chosen_backend(config.at("backend"), thread_count(config.at("threads")));
    parts.begin("load data");
    const Dataset dataset = load_dataset(config.at("dataset").at("name"), data_folders());
    parts.begin("prepare data");
    const GraphData data = prepare_graph_data(dataset, config.at("dataset"), backend);
    parts.begin("build model");
    const std::shared_ptr<Sequential> model =
        build_model(config.at("model"), {data.feature_count, data.classes}, backend, seed);
    const std::unique_ptr<Optimizer> optimizer = build_optimizer(config.at("optimizer"), config.at("model"), *model);
    std::int64_t parameters = 0;
    for (const auto& [name, parameter] : model->parameters()) parameters += parameter.size();

    parts.begin("make run folder");
    RunFolder folder = make_run_folder(arguments, config);
    write_run_description(folder.path(), describe_run(dataset));
    if (!arguments.quiet)
        fmt::print(stderr, "{} parameters, backend {} with {} threads, files in {}\n", parameters, backend->name(),
                   backend->threads(), folder.path().string());
    parts.begin("train");
    const TrainingResult result = train(*model, *optimizer, data, options, [&](const EpochReport& report) {
        folder.add_metrics(metrics_of(report));
        if (!arguments.quiet) print_epoch(report);
    });

    parts.begin("write");
    save_safetensors(folder.path() / "model.safetensors", model->parameters());
    folder.write_result({{"test_accuracy", result.test.accuracy},
                         {"test_loss", result.test.loss},
                         {"val_accuracy", result.validation.accuracy},
                         {"val_loss", result.validation.loss},
                         {"best_epoch", result.best_epoch},
                         {"epochs", result.epochs},
                         {"train_seconds", result.train_seconds},
                         {"step_ms_median", result.step_ms_median},
                         {"eval_ms_median", result.eval_ms_median},
                         {"parameters", parameters},
                         {"backend", backend->name()},
                         {"threads", backend->threads()},
                         {"seed", seed},
                         {"version", version}});
    fmt::print("Test accuracy {:.4f} | Val accuracy {:.4f} | Best epoch {:05} | Epochs {} | Train seconds {:.2f}\n",
               result.test.accuracy, result.validation.accuracy, result.best_epoch, result.epochs,
               result.train_seconds);
    if (!arguments.explain) return;
    parts.end();
    const Explanation explanation{
        .backend = fmt::format("backend {} with {} thread{}: {}", backend->name(), backend->threads(),
                               backend->threads() == 1 ? "" : "s", backend->description()),
        .steps = result.epochs,
        .step_seconds = result.step_seconds,
        .ops = profile.rows(),
        .parts = parts.seconds()};
    folder.write_explanation(to_json(explanation));
    fmt::print(stderr, "{}", to_text(explanation));
}

}  // namespace

int main(int argc, char** argv) {
    PartTimes parts(static_cast<double>(std::clock()) / CLOCKS_PER_SEC);
    CLI::App app("Trains the model that a JSON config describes.", "train");
    Arguments arguments;
    add_options(app, arguments);
    parts.begin("read the command line");
    return run_tool(app, argc, argv, [&] { run(arguments, parts); });
}
