#include "tools/training/trained_run.hpp"

#include <fmt/format.h>

#include "autograd/errors.hpp"
#include "datasets/load.hpp"
#include "nn/extension.hpp"
#include "nn/safetensors.hpp"
#include "tools/common/chosen_backend.hpp"
#include "tools/common/tool.hpp"
#include "tools/configs/config.hpp"
#include "tools/data/known_datasets.hpp"
#include "tools/training/graph_data.hpp"
#include "tools/training/model.hpp"
#include "tools/training/run_description.hpp"

namespace tapegrad {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// What the run tested, or what it would test if it ended now.
fs::path weights_of(const fs::path& folder) {
    for (const char* const file : {"model.safetensors", "checkpoints/best.safetensors"})
        if (exists(folder / file)) return folder / file;
    throw ConfigError(fmt::format("run folder {}", folder.string()), "trained weights", "none yet",
                      fmt::format("Go on training: tools/train --resume {}", folder.string()));
}

}  // namespace

TrainedRun open_run(const fs::path& folder, const UseOptions& options) {
    const RunDescription description = read_run_description(folder);
    const fs::path weights = options.weights.empty() ? weights_of(folder) : options.weights;
    json config = read_config(folder / "config.json");
    for (const json& library : config.value("extensions", json::array())) load_extension(library);
    for (const std::string& library : options.libraries) load_extension(library);
    complete_config(config, (folder / "config.json").string());

    const std::string backend_name = options.backend.empty() ? config.at("backend") : json(options.backend);
    const BackendPtr backend =
        open_chosen_backend(backend_name, thread_count(options.threads.value_or(config.at("threads"))));
    const ModelWidths widths{description.feature_count, static_cast<std::int64_t>(description.class_names.size())};
    const auto model = build_model(config.at("model"), widths, backend, config.at("seed"));
    load_parameters(*model, weights);
    return {folder, std::move(config), description.class_names, description.feature_count, backend, model, weights};
}

Dataset load_run_dataset(const TrainedRun& run, const std::string& name_or_path) {
    const std::string name = name_or_path.empty() ? run.config.at("dataset").at("name") : json(name_or_path);
    check_dataset_name(name);
    Dataset dataset = load_dataset(name, data_folders());
    if (dataset.features.columns != run.feature_count)
        throw ConfigError(fmt::format("data set {}", name),
                          fmt::format("{} features a node, as the model was trained with", run.feature_count),
                          fmt::format("{}", dataset.features.columns),
                          "Describe the nodes by the same features, in the same order");
    return dataset;
}

}  // namespace tapegrad
