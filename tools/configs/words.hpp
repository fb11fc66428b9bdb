// Values and schemas as words of a sentence.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace tapegrad {

/// A value in few words, whatever its size and its bytes: "a list of 3", "an object", "0.5".
std::string in_words(const nlohmann::json& value);

/// What a schema allows: "an integer of at least 1", "one of "rows", "none"".
std::string allowed(const nlohmann::json& schema);

}  // namespace tapegrad
