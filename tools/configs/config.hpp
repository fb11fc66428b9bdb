// A config as a JSON value: read from a file, changed from the command line, checked, and completed with every default.
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "tools/configs/config_sources.hpp"

namespace tapegrad {

/// Reads a JSON file in which comments are allowed, and leaves out its "$schema". Throws ConfigError as `parse_config`
/// does, and one for anything but an object.
nlohmann::json read_config(const std::filesystem::path& file);

/// Sets the value at "model.0.heads" and makes the objects on the way; entries of a list go by number. Throws
/// ConfigError when the path leads through something that has no such entry; which keys may exist is for
/// `complete_config` to say.
void set_value(nlohmann::json& config, const std::string& path, const nlohmann::json& value);

/// Follows "KEY=VALUE" and returns the key's full path. The key is found as `full_key` does; the value is read as JSON,
/// and as a string if it is none. Throws as `full_key` and `set_value` above do.
std::string set_value(nlohmann::json& config, const std::string& assignment);

/// Makes the paths in a config absolute, which are seen from `folder`: those of extensions, and name of dataset and
/// backend when they contain a '/'.
void resolve_paths(nlohmann::json& config, const std::filesystem::path& folder);

/// Fills in every default and checks the result against `config_schema()`. Throws as `validate` does.
void complete_config(nlohmann::json& config, const ConfigSources& sources);
/// The same for a config that came from one place.
void complete_config(nlohmann::json& config, const std::string& source);

}  // namespace tapegrad
