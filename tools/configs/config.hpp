// A config as a JSON value: read from a file, changed from the command line, checked, and completed with every default.
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

namespace tapegrad {

/// Reads a JSON file in which comments are allowed. Throws ConfigError that gives line and column for what is not
/// JSON, and one for anything but an object, a key that comes twice in one, and nesting deeper than 32.
nlohmann::json read_config(const std::filesystem::path& file);

/// Follows "key.path=value": sets the value there and makes the objects on the way. Entries of a list go by number:
/// "model.0.heads=4". The value is read as JSON, and as a string if it is none. Throws ConfigError when the path leads
/// through something that has no such entry; which keys may exist is for `complete_config` to say.
void set_value(nlohmann::json& config, const std::string& assignment);

/// Makes the paths in a config absolute, which are seen from `folder`: those of extensions, and name of dataset and
/// backend when they contain a '/'.
void resolve_paths(nlohmann::json& config, const std::filesystem::path& folder);

/// Fills in every default and checks the result against `config_schema()`. Throws as `validate` does.
void complete_config(nlohmann::json& config, const std::string& source);

}  // namespace tapegrad
