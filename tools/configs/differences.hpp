// What two configs say differently.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace tapegrad {

struct ConfigDifference {
    std::string path;                     ///< "training.epochs", "model.0.heads"
    std::optional<nlohmann::json> first;  ///< absent where only the second config has this key or entry
    std::optional<nlohmann::json> second;

    bool operator==(const ConfigDifference&) const = default;
};

/// Every place where `first` and `second` differ: objects are compared key by key, lists entry by entry. Numbers are
/// equal by value, 1 and 1.0 too.
std::vector<ConfigDifference> differences(const nlohmann::json& first, const nlohmann::json& second);

/// A table for a person, one line a difference, under the names of the two configs. Long values are cut.
std::string to_text(std::span<const ConfigDifference> differences, const std::string& first_name,
                    const std::string& second_name);

}  // namespace tapegrad
