// A JSON value held against its schema, and every fault told in words.
#pragma once

#include <nlohmann/json.hpp>

#include "tools/configs/config_sources.hpp"

namespace tapegrad {

/// Throws one ConfigError with a line for each place of `value` that breaks `schema` (as of `plain_schema`): where it
/// is, what is allowed there, what came, and the nearest name where a name is unknown. The file or option that the
/// place came from starts each line.
void validate(const nlohmann::json& schema, const nlohmann::json& value, const ConfigSources& sources);

}  // namespace tapegrad
