#include "tools/configs/published_schema.hpp"

#include <string>

#include "nn/layer_registry.hpp"
#include "tools/configs/config_schema.hpp"

namespace tapegrad {
namespace {

using nlohmann::ordered_json;

ordered_json published(ordered_json schema);

// "required" of the properties without default.
void require_keys(ordered_json& schema, const ordered_json& properties) {
    for (const auto& [key, property] : properties.items())
        if (!property.contains("default")) schema["required"].push_back(key);
}

// What holds for an object of one type, as {"if": its type, "then": its keys}.
ordered_json rule_of_type(const std::string& type, const ordered_json& common, const ordered_json& settings) {
    ordered_json condition{{"properties", {{"type", {{"const", type}}}}}};
    // An object that leaves its type out has the usual one.
    if (common["type"].value("default", "") != type) condition["required"] = {"type"};
    ordered_json keys{{"properties", ordered_json::object()}};
    require_keys(keys, settings);
    for (const auto& [key, property] : settings.items()) keys["properties"][key] = published(property);
    for (const auto& [key, property] : common.items()) keys["properties"][key] = ordered_json::object();  // see above
    keys["additionalProperties"] = false;
    return {{"if", condition}, {"then", keys}};
}

ordered_json published(ordered_json schema) {
    schema.erase("alias");
    if (schema.contains("items")) schema["items"] = published(schema["items"]);
    if (!schema.contains("properties")) return schema;
    for (auto& [key, property] : schema["properties"].items()) property = published(property);
    // Copies: a new key of an ordered_json moves the others.
    const ordered_json properties = schema["properties"], by_type = schema.value("by_type", ordered_json());
    require_keys(schema, properties);
    if (by_type.is_null()) {
        schema["additionalProperties"] = false;
        return schema;
    }
    for (const auto& [type, settings] : by_type.items())
        schema["allOf"].push_back(rule_of_type(type, properties, settings));
    schema.erase("by_type");
    return schema;
}

}  // namespace

ordered_json published_schema() {
    ordered_json schema{{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "A config of tapegrad"}};
    schema.update(published(ordered_config_schema()));
    schema["properties"]["$schema"] = {{"description", "where this schema lies, for editors"}, {"type", "string"}};
    ordered_json& layer_type = schema["properties"]["model"]["items"]["properties"]["type"];
    for (const LayerType& type : layer_types()) layer_type["enumDescriptions"].push_back(type.description);
    return schema;
}

}  // namespace tapegrad
