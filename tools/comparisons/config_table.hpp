// What several configs say differently.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace tapegrad {

struct ConfigRow {
    std::string key;                                    ///< "training.epochs", "model.0.heads"
    std::vector<std::optional<nlohmann::json>> values;  ///< one a config; none where it lacks the key
};

/// A config without what does not make another experiment: the seed, the number of threads and $schema.
nlohmann::json without_seed(nlohmann::json config);

/// The keys at which any config differs from the first one, in order, with what all of them say there.
std::vector<ConfigRow> config_table(std::span<const nlohmann::json> configs);

}  // namespace tapegrad
