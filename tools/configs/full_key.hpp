// Keys as a person types them on the command line.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace tapegrad {

/// The full path of a key of `config`, "optimizer.learning_rate", of which `key` is all, the last part or parts
/// ("learning_rate"), or the schema's "alias" of the last part ("lr"). Which keys there are follows from the types of
/// layers and optimizer that `config` names; it need be neither complete nor right. A path that begins with a key of
/// the outermost object counts as full: whether there is such a key is for `complete_config` to say. Throws ConfigError
/// with the candidates when `key` fits several places, and with the nearest name when it fits none.
std::string full_key(const nlohmann::json& config, const std::string& key);

/// The shortest end of each key that is the end of no other: "learning_rate" for "optimizer.learning_rate", "1.heads"
/// where there is "2.heads" too. None is the number of an entry alone.
std::vector<std::string> short_keys(std::span<const std::string> keys);

}  // namespace tapegrad
