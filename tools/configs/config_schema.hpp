// What a config may say: the one place with every key, its type, limits, default and meaning.
#pragma once

#include <nlohmann/json.hpp>

namespace tapegrad {

/// A JSON Schema (draft 7) of a config, with the layer types that are registered now, and these conventions:
///   - a key without a default has to be given;
///   - an object has no other keys than those in "properties" and, for the type that its key "type" names, those in
///     "by_type";
///   - "alias" is a shorter name of a key for the command line.
nlohmann::json config_schema();
/// The same with the keys in an order for people.
nlohmann::ordered_json ordered_config_schema();

/// The keys that only an object with the type of `value` has, out of "by_type"; null when there are none or the type is
/// not known.
const nlohmann::json* settings_of_type(const nlohmann::json& schema, const nlohmann::json& value);

/// Puts the default of every key that `value` lacks, on all levels. Values of a wrong type stay as they are.
void fill_defaults(const nlohmann::json& schema, nlohmann::json& value);

/// The schema of `value` without the conventions above: plain JSON Schema that any validator understands; "by_type" and
/// "alias" stay for messages. An object with a misspelt type is judged by the keys of the nearest one.
nlohmann::json plain_schema(const nlohmann::json& schema, const nlohmann::json& value);

}  // namespace tapegrad
