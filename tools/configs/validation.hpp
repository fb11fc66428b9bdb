// A JSON value held against its schema, and every fault told in words.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace tapegrad {

/// Throws one ConfigError with a line for each place of `value` that breaks `schema` (as of `plain_schema`): where it
/// is, what is allowed there, what came, and the nearest name where a name is unknown. `source` starts each line.
void validate(const nlohmann::json& schema, const nlohmann::json& value, const std::string& source);

}  // namespace tapegrad
