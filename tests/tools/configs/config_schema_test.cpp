#include "tools/configs/config_schema.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "datasets/files.hpp"
#include "nn/layer_registry.hpp"

using namespace tapegrad;
using nlohmann::json;

namespace {

// Before any test adds one.
const std::vector<LayerType> built_in_layers = layer_types();

json keys_of(const LayerType& type) { return json::parse(type.properties); }

// Calls visit(path, schema of the key) for every key below `schema`.
template <class Visit>
void for_each_key(const json& schema, const std::string& path, const Visit& visit) {
    const auto visit_all = [&](const json& properties) {
        for (const auto& [key, property] : properties.items()) {
            visit(path + key, property);
            for_each_key(property, path + key + ".", visit);
        }
    };
    if (schema.contains("properties")) visit_all(schema["properties"]);
    if (schema.contains("by_type"))
        for (const json& properties : schema["by_type"]) visit_all(properties);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_config_schema)

BOOST_AUTO_TEST_CASE(every_key_says_what_it_means) {
    for_each_key(config_schema(), "", [](const std::string& path, const json& schema) {
        BOOST_CHECK_MESSAGE(!schema.value("description", "").empty(), path << " has no description");
    });
    for (const LayerType& type : built_in_layers)
        for (const json& schema : keys_of(type))
            BOOST_CHECK_MESSAGE(!schema.value("description", "").empty(), type.name << ": " << schema);
}

BOOST_AUTO_TEST_CASE(documentation_lists_every_key_with_its_default) {
    const std::string documentation = read_file(TAPEGRAD_SOURCE_DIR "/docs/config.md");
    const auto expect = [&](const std::string& text) {
        BOOST_CHECK_MESSAGE(documentation.find(text) != std::string::npos, "docs/config.md lacks: " << text);
    };
    for_each_key(config_schema(), "", [&](const std::string& path, const json& schema) {
        if (schema.contains("properties") && !schema.value("default", json::object()).is_null()) return;
        expect("| `" + path + "` | " + (schema.contains("default") ? "`" + schema["default"].dump() + "` |" : "|"));
    });
    for (const LayerType& type : built_in_layers) {
        expect("| `" + type.name + "` |");
        BOOST_CHECK_MESSAGE(!type.description.empty(), type.name << " has no description");
        const json keys = keys_of(type);
        for (const auto& [key, schema] : keys.items())
            expect("| | `" + key + "` |" +
                   (schema.contains("default") ? " `" + schema["default"].dump() + "` |" : " |"));
    }
}

BOOST_AUTO_TEST_CASE(plain_schema_names_the_keys_of_the_type_and_forbids_others) {
    const json schema = json::parse(R"({"properties": {"type": {}, "rate": {"default": 1}},
                                        "by_type": {"a": {"x": {}}, "b": {"y": {"default": 2}}}})");
    const json a = plain_schema(schema, {{"type", "a"}});
    BOOST_CHECK(a["required"] == json({"type", "x"}));
    BOOST_CHECK(a["properties"].contains("rate") && a["properties"].contains("x") && !a["properties"].contains("y"));
    BOOST_CHECK(a["additionalProperties"] == json({{"not", json::object()}}));
    const json unknown = plain_schema(schema, {{"type", "c"}});
    BOOST_CHECK_MESSAGE(!unknown.contains("additionalProperties"), "keys of an unknown type are not known either");

    json value{{"type", "b"}};
    fill_defaults(schema, value);
    BOOST_CHECK(value == (json{{"type", "b"}, {"rate", 1}, {"y", 2}}));
}

BOOST_AUTO_TEST_SUITE_END()
