// A run folder opened again, for whatever uses the trained model.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "datasets/dataset.hpp"
#include "nn/layers/sequential.hpp"
#include "tools/training/weights.hpp"

namespace tapegrad {

/// What in place of what the run's config says.
struct UseOptions {
    std::string backend;                   ///< a name; empty: the config's
    std::optional<std::int64_t> threads;   ///< none: the config's
    std::filesystem::path weights;         ///< a file; empty: the run's own
    std::vector<std::string> libraries{};  ///< extensions besides the config's
    WeightNames names{};                   ///< of the tensors in `weights`
};

/// A model with trained weights and what is known about it.
struct TrainedRun {
    std::filesystem::path folder;          ///< empty when there was no run
    nlohmann::json config;                 ///< complete
    std::vector<std::string> class_names;  ///< in the order of the logits
    std::int64_t feature_count;
    BackendPtr backend;
    std::shared_ptr<Sequential> model;
    std::filesystem::path weights;  ///< the file that they came from
    std::string digest{};           ///< of the data that it was trained on, as in RunDescription; empty without a run
};

/// Opens a run folder: its model.safetensors, or the best checkpoint as long as there is none. Throws ConfigError for a
/// folder that holds no run or one of another format, and whatever reading weights throws.
TrainedRun open_run(const std::filesystem::path& folder, const UseOptions& options = {});

/// The weights of a run folder as `open_run` takes them: model.safetensors, or else checkpoints/best.safetensors.
/// Throws ConfigError when there are none.
std::filesystem::path run_weights(const std::filesystem::path& folder);

/// The model of a config without any run, with the weights of the file `options.weights`; its data set says how wide it
/// is and what its classes are called. Throws ConfigError without that file, and whatever reading a config, a data set
/// and weights throws.
TrainedRun open_config(const std::filesystem::path& config, const UseOptions& options);

/// `open_config` for a file, `open_run` for anything else.
TrainedRun open_run_or_config(const std::filesystem::path& path, const UseOptions& options = {});

/// What becomes of a data set that is not as it was when the run was trained on it.
enum class ChangedData { warned_of, refused };

/// The data set `name_or_path`, empty for the one that the run was trained on. Throws ConfigError unless it has as many
/// features as the model, and for that of the run when it has changed and that is to be refused.
Dataset load_run_dataset(const TrainedRun& run, const std::string& name_or_path = "",
                         ChangedData changed = ChangedData::warned_of);

}  // namespace tapegrad
