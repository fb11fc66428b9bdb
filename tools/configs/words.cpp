#include "tools/configs/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <vector>

namespace tapegrad {

using nlohmann::json;

std::string in_words(const json& value) {
    if (value.is_object()) return "an object";
    if (value.is_array()) return fmt::format("a list of {}", value.size());
    const std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
    return text.size() <= 80 ? text : text.substr(0, 77) + "...";
}

std::string as_typed(const json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string value_text(const std::optional<json>& value) {
    if (!value) return "(absent)";
    const std::string text = value->dump(-1, ' ', true, json::error_handler_t::replace);  // ASCII alone: may be cut
    return text.size() <= 60 ? text : text.substr(0, 57) + "...";
}

namespace {

std::string type_in_words(const std::string& type) {
    if (type == "boolean") return "true or false";
    if (type == "null") return type;
    return (type == "integer" || type == "object" ? "an " : "a ") + type;
}

std::string joined(const json& values, const char* separator, const std::function<std::string(const json&)>& words) {
    std::vector<std::string> parts;
    for (const json& value : values) parts.push_back(words(value));
    return fmt::format("{}", fmt::join(parts, separator));
}

// "a list of 2 numbers", "a list of at least 1 item".
std::string allowed_list(const json& schema) {
    json item = schema.value("items", json());
    if (item.is_array()) item = item.empty() ? json() : item[0];
    const json type = item.is_object() ? item.value("type", json()) : json();
    const bool is_plain = type == "string" || type == "number" || type == "integer";
    const std::size_t least = schema.value("minItems", 0), most = schema.value("maxItems", 0);
    const std::string items = (is_plain ? type.get<std::string>() : "item") + (std::max(least, most) == 1 ? "" : "s");
    if (least == 0 && most == 0) return is_plain ? "a list of " + items : "a list";
    if (least == most) return fmt::format("a list of {} {}", least, items);
    if (most == 0) return fmt::format("a list of at least {} {}", least, items);
    return fmt::format("a list of {} to {} {}", least, most, items);
}

// "an integer of at least 1".
std::string allowed_of_type(const std::string& type, const json& schema) {
    if (type == "array") return allowed_list(schema);
    if (type == "string" && schema.value("minLength", 0) == 1) return "a string that is not empty";
    constexpr struct {
        const char *type, *key, *before;
    } limits[] = {{"number", "minimum", "at least "},          {"number", "exclusiveMinimum", "more than "},
                  {"number", "maximum", "at most "},           {"number", "exclusiveMaximum", "less than "},
                  {"string", "minLength", "length at least "}, {"string", "pattern", "the form "}};
    std::vector<std::string> phrases;
    for (const auto& limit : limits)
        if ((type == "integer" ? "number" : type) == limit.type && schema.contains(limit.key))
            phrases.push_back(limit.before + schema[limit.key].dump());
    const std::string words = type_in_words(type);
    return phrases.empty() ? words : fmt::format("{} of {}", words, fmt::join(phrases, " and "));
}

}  // namespace

std::string allowed(const json& schema) {
    if (schema.contains("const")) return in_words(schema["const"]);
    if (schema.contains("enum"))
        return (schema["enum"].size() > 1 ? "one of " : "") + joined(schema["enum"], ", ", in_words);
    if (schema.contains("anyOf")) return joined(schema["anyOf"], " or ", allowed);
    json types = schema.value("type", json("value"));
    if (!types.is_array()) types = json::array({types});
    return joined(types, " or ", [&](const json& type) { return allowed_of_type(type, schema); });
}

}  // namespace tapegrad
