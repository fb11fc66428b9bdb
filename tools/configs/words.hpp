// Values and schemas as words of a sentence.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace tapegrad {

/// A value in few words, whatever its size and its bytes: "a list of 3", "an object", "0.5".
std::string in_words(const nlohmann::json& value);

/// A value as a person types it on the command line: a string stands for itself, all else is JSON.
std::string as_typed(const nlohmann::json& value);

/// A value in a cell of a table: JSON in ASCII, of which a long one is cut, and "(absent)" for none.
std::string value_text(const std::optional<nlohmann::json>& value);

/// What a schema allows: "an integer of at least 1", "one of "rows", "none"".
std::string allowed(const nlohmann::json& schema);

}  // namespace tapegrad
