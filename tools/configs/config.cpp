#include "tools/configs/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "tools/configs/config_schema.hpp"
#include "tools/configs/full_key.hpp"
#include "tools/configs/parsing.hpp"
#include "tools/configs/validation.hpp"
#include "tools/configs/words.hpp"

namespace tapegrad {
namespace {

using nlohmann::json;

constexpr std::ptrdiff_t most_keys = 32;

[[noreturn]] void bad_path(const std::string& option, const std::string& expected, const std::string& got) {
    throw ConfigError(option, expected, got, "Correct the path; docs/config.md lists the keys");
}

// The entry of `parent` that a part of a path names.
json& entry(json& parent, const std::string& part, const std::string& option) {
    if (parent.is_null()) parent = json::object();
    if (parent.is_object()) return parent[part];
    if (!parent.is_array()) bad_path(option, fmt::format("an object or a list to hold '{}'", part), in_words(parent));
    std::size_t index = 0;
    const char* const end = part.data() + part.size();
    if (const auto [stopped, error] = std::from_chars(part.data(), end, index); error != std::errc{} || stopped != end)
        bad_path(option, "the number of an entry in a list", fmt::format("'{}'", part));
    if (parent.empty()) bad_path(option, "an entry of a list that has some", "an empty list");
    if (index >= parent.size())
        bad_path(option, fmt::format("an entry below {}", parent.size()), fmt::format("entry {}", index));
    return parent[index];
}

// What "model.0.heads" names, made on the way where objects lack it; a list that is missing is the usual one.
json& place_at(json& config, const std::string& path, const std::string& option) {
    if (std::ranges::count(path, '.') >= most_keys) bad_path(option, fmt::format("at most {} keys", most_keys), "more");
    json completed = config;
    fill_defaults(config_schema(), completed);
    const json* usual = &completed;
    json* place = &config;
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('.', begin), path.size());
        const std::string part = path.substr(begin, end - begin);
        if (place->is_null() && usual != nullptr && usual->is_array()) *place = *usual;
        place = &entry(*place, part, option);
        usual = usual != nullptr && usual->is_object() && usual->contains(part) ? &usual->at(part) : nullptr;
        begin = end + 1;
    }
    return *place;
}

}  // namespace

json read_config(const std::filesystem::path& file) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error))
        throw ConfigError(file.string(), "a config", exists(file, error) ? "something else" : "no file of that name",
                          "Check the path; examples/ holds configs to start from");
    json config = parse_config(read_file(file), file.string());
    if (!config.is_object()) throw ConfigError(file.string(), "an object", in_words(config), "Put { } around the keys");
    // The place of the schema, for editors.
    if (const auto schema = config.find("$schema"); schema != config.end() && schema->is_string()) config.erase(schema);
    return config;
}

void set_value(json& config, const std::string& path, const json& value) {
    place_at(config, path, "key " + path) = value;
}

std::string set_value(json& config, const std::string& assignment) {
    const std::string option = "--set " + assignment;
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0)
        throw ConfigError(option, "KEY=VALUE", equals == 0 ? "no key" : "no '='", "Write it as in learning_rate=0.01");
    const std::string path = full_key(config, assignment.substr(0, equals));
    place_at(config, path, option) = parse_value(assignment.substr(equals + 1), option);
    return path;
}

void resolve_paths(json& config, const std::filesystem::path& folder) {
    const auto resolve = [&](json& path) {
        if (path.is_string()) path = (folder / path.get<std::string>()).lexically_normal().string();
    };
    const auto is_path = [](const json& name) {
        return name.is_string() && name.get_ref<const std::string&>().find('/') != std::string::npos;
    };
    if (const auto dataset = config.find("dataset"); dataset != config.end() && dataset->is_object())
        if (const auto name = dataset->find("name"); name != dataset->end() && is_path(*name)) resolve(*name);
    if (const auto backend = config.find("backend"); backend != config.end() && is_path(*backend)) resolve(*backend);
    if (const auto libraries = config.find("extensions"); libraries != config.end() && libraries->is_array())
        for (json& library : *libraries) resolve(library);
}

void complete_config(json& config, const std::string& source) { complete_config(config, ConfigSources(source)); }

void complete_config(json& config, const ConfigSources& sources) {
    const json schema = config_schema();
    fill_defaults(schema, config);
    validate(plain_schema(schema, config), config, sources);
}

}  // namespace tapegrad
