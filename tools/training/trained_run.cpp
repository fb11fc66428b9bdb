#include "tools/training/trained_run.hpp"

#include <fmt/format.h>

#include "autograd/errors.hpp"
#include "datasets/load.hpp"
#include "nn/extension.hpp"
#include "tools/common/chosen_backend.hpp"
#include "tools/common/log.hpp"
#include "tools/common/share_folder.hpp"
#include "tools/common/shell_word.hpp"
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

void load_extensions(const json& config, const UseOptions& options) {
    for (const json& library : config.value("extensions", json::array()))
        if (library.is_string()) load_extension(library.get<std::string>());
    for (const std::string& library : options.libraries) load_extension(library);
}

// `run` says everything but what is made here: backend and model.
TrainedRun with_model(TrainedRun run, const UseOptions& options) {
    const std::string backend_name = options.backend.empty() ? run.config.at("backend") : json(options.backend);
    run.backend = open_chosen_backend(backend_name, thread_count(options.threads.value_or(run.config.at("threads"))));
    const ModelWidths widths{run.feature_count, static_cast<std::int64_t>(run.class_names.size())};
    run.model = build_model(run.config.at("model"), widths, run.backend, run.config.at("seed"));
    load_weights(*run.model, run.config.at("model"), run.weights, options.names);
    return run;
}

}  // namespace

fs::path run_weights(const fs::path& folder) {
    for (const char* const file : {"model.safetensors", "checkpoints/best.safetensors"})
        if (exists(folder / file)) return folder / file;
    throw ConfigError(
        fmt::format("run folder {}", folder.string()), "trained weights", "none yet",
        fmt::format("Go on training: {} --resume {}", tool_command("train"), shell_word(folder.string())));
}

TrainedRun open_run(const fs::path& folder, const UseOptions& options) {
    const RunDescription description = read_run_description(folder);
    const fs::path weights = options.weights.empty() ? run_weights(folder) : options.weights;
    json config = read_config(folder / "config.json");
    load_extensions(config, options);
    complete_config(config, (folder / "config.json").string());
    return with_model({folder, std::move(config), description.class_names, description.feature_count, nullptr, nullptr,
                       weights, description.digest},
                      options);
}

TrainedRun open_config(const fs::path& file, const UseOptions& options) {
    json config = read_config(file);
    if (options.weights.empty())
        throw ConfigError(file.string(), "a file with weights, as a config has none", "none",
                          "Give --weights FILE, or the folder of a run instead of the config");
    resolve_paths(config, fs::absolute(file).parent_path());
    load_extensions(config, options);
    complete_config(config, file.string());
    const std::string name = config.at("dataset").at("name");
    check_dataset_name(name);
    const Dataset dataset = load_dataset(name, data_folders());
    return with_model(
        {{}, std::move(config), dataset.class_names, dataset.features.columns, nullptr, nullptr, options.weights},
        options);
}

TrainedRun open_run_or_config(const fs::path& path, const UseOptions& options) {
    std::error_code error;
    return fs::is_regular_file(path, error) ? open_config(path, options) : open_run(path, options);
}

Dataset load_run_dataset(const TrainedRun& run, const std::string& name_or_path, ChangedData changed) {
    const std::string name = name_or_path.empty() ? run.config.at("dataset").at("name") : json(name_or_path);
    check_dataset_name(name);
    Dataset dataset = load_dataset(name, data_folders());
    if (dataset.features.columns != run.feature_count)
        throw ConfigError(fmt::format("data set {}", name),
                          fmt::format("{} features a node, as the model was trained with", run.feature_count),
                          fmt::format("{}", dataset.features.columns),
                          "Describe the nodes by the same features, in the same order");
    const bool is_the_runs_own = name_or_path.empty() && !run.digest.empty();
    if (is_the_runs_own && describe_run(dataset).digest != run.digest) {
        if (changed == ChangedData::refused)
            throw ConfigError(fmt::format("data set {}", name), "the data that the run was trained on", "other data",
                              "Restore the data set, or train anew");
        log(LogLevel::warning, fmt::format("data set {} has changed since the run was trained on it", name));
    }
    return dataset;
}

}  // namespace tapegrad
