// The schema of configs as editors and other programs read it: docs/config.schema.json.
#pragma once

#include <nlohmann/json.hpp>

namespace tapegrad {

/// `config_schema()` without its conventions: plain JSON Schema, draft 7, in which the keys of an object depend on its
/// "type" by if and then. A config passes it if and only if `complete_config` takes it. "enumDescriptions", which says
/// what each layer type computes, is for editors; validators pass it over.
nlohmann::ordered_json published_schema();

}  // namespace tapegrad
