#include "tools/documents/config_keys.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <vector>

#include <nlohmann/json.hpp>

#include "autograd/errors.hpp"
#include "nn/layer_registry.hpp"
#include "tools/configs/config_schema.hpp"
#include "tools/configs/words.hpp"

namespace tapegrad {
namespace {

using nlohmann::ordered_json;

// A bar ends a cell of a table.
std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : text) result += c == '|' ? "\\|" : std::string(1, c);
    return result;
}

// "| `KEY` | `DEFAULT` | ALLOWED | MEANING |"; `types` are those of the object around it that have the key, if not all.
std::string row(const std::string& key, const ordered_json& schema, const std::vector<std::string>& types = {}) {
    std::string meaning = schema.at("description");
    if (!types.empty()) meaning = fmt::format("for `{}`: {}", fmt::join(types, "`, `"), meaning);
    if (schema.contains("alias"))
        meaning += fmt::format("; on the command line also `{}`", schema["alias"].get<std::string>());
    const std::string given = schema.contains("default") ? " `" + schema["default"].dump() + "` " : " ";
    return fmt::format("| `{}` |{}| {} | {} |\n", key, given, escaped(allowed(schema)), escaped(meaning));
}

std::string rows_below(const ordered_json& schema, const std::string& path) {
    std::string text;
    for (const auto& [key, property] : schema["properties"].items()) {
        const bool is_object = property.contains("properties");
        // An object that is there anyway is told by its keys.
        if (!is_object || property.value("default", ordered_json::object()).is_null())
            text += row(path + key, property);
        if (is_object) text += rows_below(property, path + key + ".");
    }
    if (!schema.contains("by_type")) return text;
    std::vector<std::string> told;
    for (const auto& [type, settings] : schema["by_type"].items())
        for (const auto& [key, property] : settings.items()) {
            std::vector<std::string> types;
            for (const auto& [other, its_settings] : schema["by_type"].items())
                if (its_settings.value(key, ordered_json()) == property) types.push_back(other);
            if (types.front() == type) text += row(path + key, property, types);
        }
    return text;
}

std::string between_marks(const std::string& document, const std::string& file, const std::string& name,
                          const std::string& content) {
    const std::string begin = fmt::format("<!-- {}: ", name), end = fmt::format("<!-- end of {} -->", name);
    const std::size_t first = document.find(begin), line_end = document.find('\n', first),
                      last = document.find(end, first);
    if (first == std::string::npos || last == std::string::npos || line_end > last)
        throw DataError(file, fmt::format("a line that begins with \"{}\" and after it \"{}\"", begin, end), "none",
                        "Put them around the place of the table");
    return document.substr(0, line_end + 1) + content + document.substr(last);
}

}  // namespace

std::string config_keys_table() {
    return "| key | default | allowed | meaning |\n|---|---|---|---|\n" + rows_below(ordered_config_schema(), "");
}

std::string layers_table() {
    std::string text = "| type | key | default | allowed | meaning |\n|---|---|---|---|---|\n";
    std::map<std::string, std::string> first_with;  // the type whose keys these are
    for (const LayerType& type : layer_types()) {
        const ordered_json properties = ordered_json::parse(type.properties);
        const bool is_first = first_with.emplace(type.properties, type.name).second || properties.empty();
        text += fmt::format("| `{}` | | | | {}{} |\n", type.name, escaped(type.description),
                            is_first ? "" : fmt::format("; keys as of `{}`", first_with[type.properties]));
        if (!is_first) continue;
        for (const auto& [key, property] : properties.items()) text += "| " + row(key, property);
    }
    return text;
}

std::string document_config(const std::string& document, const std::string& file) {
    return between_marks(between_marks(document, file, "keys", config_keys_table()), file, "layers", layers_table());
}

}  // namespace tapegrad
