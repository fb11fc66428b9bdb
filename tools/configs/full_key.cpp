#include "tools/configs/full_key.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "autograd/edit_distance.hpp"
#include "autograd/errors.hpp"
#include "tools/configs/config_schema.hpp"

namespace tapegrad {
namespace {

using nlohmann::json;

// A key of a config: its path and, where it has an alias, the path that ends with that.
struct KnownKey {
    std::vector<std::string> paths;
};

void add_keys(const json& schema, const json& value, const std::string& path, std::vector<KnownKey>& keys);

void add_properties(const json& properties, const json& value, const std::string& path, std::vector<KnownKey>& keys) {
    for (const auto& [key, property] : properties.items()) {
        const std::string prefix = path.empty() ? "" : path + ".";
        keys.push_back({{prefix + key}});
        if (property.contains("alias")) keys.back().paths.push_back(prefix + property["alias"].get<std::string>());
        add_keys(property, value.is_object() ? value.value(key, json()) : json(), prefix + key, keys);
    }
}

// Adds the keys below `path`, where `value` stands in the config.
void add_keys(const json& schema, const json& value, const std::string& path, std::vector<KnownKey>& keys) {
    if (value.is_array())
        for (std::size_t i = 0; i < value.size(); ++i) {
            const std::string item = fmt::format("{}.{}", path, i);
            keys.push_back({{item}});
            if (schema.contains("items")) add_keys(schema["items"], value[i], item, keys);
        }
    if (schema.contains("properties")) add_properties(schema["properties"], value, path, keys);
    if (!schema.contains("by_type") || !value.is_object()) return;
    const json* const settings = settings_of_type(schema, value);
    if (settings != nullptr) return add_properties(*settings, value, path, keys);
    // Of a type that is not known, perhaps of an extension yet to be loaded, there are the keys that are given.
    for (const auto& [key, given] : value.items())
        if (!schema["properties"].contains(key)) keys.push_back({{path + "." + key}});
}

// "It is a key of type "sgd" in optimizer" where another type than the chosen one has the key, or else nothing.
std::string other_type_with(const json& schema, const std::string& key, const std::string& path) {
    if (const auto types = schema.find("by_type"); types != schema.end())
        for (const auto& [type, settings] : types->items())
            if (settings.contains(key))
                return fmt::format("It is a key of type \"{}\" in {}; set that type first", type, path);
    if (const auto items = schema.find("items"); items != schema.end()) return other_type_with(*items, key, path);
    if (const auto properties = schema.find("properties"); properties != schema.end())
        for (const auto& [name, property] : properties->items())
            if (const std::string found = other_type_with(property, key, name); !found.empty()) return found;
    return "";
}

[[noreturn]] void unknown_key(const json& schema, const std::vector<KnownKey>& keys, const std::string& key) {
    std::string advice = other_type_with(schema, key, "the config");
    if (advice.empty()) {
        const bool has_parts = key.find('.') != std::string::npos;
        std::vector<std::string> names;
        for (const KnownKey& known : keys)
            for (const std::string& path : known.paths)
                names.push_back(has_parts ? path : path.substr(path.rfind('.') + 1));
        advice = fmt::format("The nearest is \"{}\"; docs/config.md lists all", nearest(key, names));
    }
    throw ConfigError("key " + key, "a key of the config, or the end of one", "an unknown key", advice);
}

}  // namespace

std::string full_key(const json& config, const std::string& key) {
    const json schema = config_schema();
    json completed = config;
    fill_defaults(schema, completed);
    std::vector<KnownKey> keys;
    add_keys(schema, completed, "", keys);

    std::vector<std::string> matches;
    for (const KnownKey& known : keys)
        for (const std::string& path : known.paths) {
            if (path == key) return known.paths[0];
            if (path.ends_with("." + key)) matches.push_back(known.paths[0]);
        }
    if (schema["properties"].contains(key.substr(0, key.find('.')))) return key;
    if (matches.size() == 1) return matches[0];
    if (matches.empty()) unknown_key(schema, keys, key);
    throw ConfigError("key " + key, "a key that fits one place",
                      fmt::format("one that fits {}: {}", matches.size(), fmt::join(matches, ", ")),
                      "Write the one that is meant");
}

std::vector<std::string> short_keys(std::span<const std::string> keys) {
    std::vector<std::string> ends;
    for (const std::string& key : keys) {
        const auto is_clear = [&](const std::string& end) {
            const bool is_number = end.find_first_not_of("0123456789") == std::string::npos;
            return !is_number && std::ranges::count_if(keys, [&](const std::string& other) {
                                     return ("." + other).ends_with("." + end);
                                 }) == 1;
        };
        std::size_t begin = key.size();
        do {
            begin = begin == 0 ? std::string::npos : key.rfind('.', begin - 1);
        } while (begin != std::string::npos && !is_clear(key.substr(begin + 1)));
        ends.push_back(key.substr(begin + 1));  // npos + 1 is 0
    }
    return ends;
}

}  // namespace tapegrad
