// The schema of configs as editors and other programs read it: docs/config.schema.json.
#pragma once

#include <nlohmann/json.hpp>

namespace tapegrad {

/// `config_schema()` without its conventions: plain JSON Schema, draft 7, in which the keys of an object depend on its
/// "type" by if and then. Configs pass it that `complete_config` takes, and no others but those with 2.0 for an
/// integer, which is one to JSON Schema. "enumDescriptions", which says what each layer type computes, is for editors;
/// validators pass it over.
nlohmann::ordered_json published_schema();

}  // namespace tapegrad
