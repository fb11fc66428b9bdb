// The text of a config, or of one of its values, read as JSON.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace tapegrad {

/// Reads JSON in which comments are allowed. Throws ConfigError with `source`, line and column (both from 1; a column
/// is a character) for what is not JSON, a key that comes twice in an object, nesting deeper than 32, and a number
/// beyond the range of a double.
nlohmann::json parse_config(std::string_view text, const std::string& source);

/// A value as the command line gives it: JSON, or else the text itself as a string. Throws ConfigError with `source`
/// for a key that comes twice and for nesting deeper than 32.
nlohmann::json parse_value(const std::string& text, const std::string& source);

}  // namespace tapegrad
