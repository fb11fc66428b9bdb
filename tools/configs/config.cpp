#include "tools/configs/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>
#include <vector>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "tools/configs/config_schema.hpp"
#include "tools/configs/validation.hpp"

namespace tapegrad {
namespace {

using nlohmann::json;

constexpr int deepest_nesting = 32;

// The parser's callback: sees the nesting, and keys that nlohmann::json would merge.
class StructureCheck {
public:
    explicit StructureCheck(std::string source) : source_(std::move(source)) {}

    bool operator()(int depth, json::parse_event_t event, const json& parsed) {
        if (depth > deepest_nesting)
            throw ConfigError(source_, fmt::format("nesting at most {} deep", deepest_nesting), "more",
                              "Check the brackets");
        if (event == json::parse_event_t::object_start) keys_.emplace_back();
        if (event == json::parse_event_t::object_end) keys_.pop_back();
        if (event == json::parse_event_t::key && !keys_.back().insert(parsed.get<std::string>()).second)
            throw ConfigError(source_, "each key of an object once", fmt::format("{} twice", parsed.dump()),
                              "Remove one of the two");
        return true;
    }

private:
    std::string source_;
    std::vector<std::set<std::string>> keys_;  // of the objects that are open
};

// "line 3, column 7" of a byte that is counted from 1.
std::string line_and_column(std::string_view text, std::size_t byte) {
    const std::string_view before = text.substr(0, byte > 0 ? byte - 1 : 0);
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    return fmt::format("line {}, column {}", std::count(before.begin(), before.end(), '\n') + 1,
                       before.size() - line_start + 1);
}

// The parser's complaint without its number and place, which end in " - ".
std::string complaint(const json::parse_error& error) {
    const std::string_view message = error.what();
    const std::size_t dash = message.find(" - ");
    return std::string(dash == std::string_view::npos ? message : message.substr(dash + 3));
}

[[noreturn]] void bad_path(const std::string& option, const std::string& expected, const std::string& got) {
    throw ConfigError(option, expected, got, "Correct the path; docs/config.md lists the keys");
}

// The entry of `parent` that a part of a path names.
json& entry(json& parent, const std::string& part, const std::string& option) {
    if (parent.is_null()) parent = json::object();
    if (parent.is_object()) return parent[part];
    if (!parent.is_array()) bad_path(option, fmt::format("an object or a list to hold '{}'", part), parent.type_name());
    std::size_t index = 0;
    const char* const end = part.data() + part.size();
    if (const auto [stopped, error] = std::from_chars(part.data(), end, index); error != std::errc{} || stopped != end)
        bad_path(option, "the number of an entry in a list", fmt::format("'{}'", part));
    if (index >= parent.size())
        bad_path(option, fmt::format("an entry below {}", parent.size()), fmt::format("entry {}", index));
    return parent[index];
}

}  // namespace

json read_config(const std::filesystem::path& file) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error))
        throw ConfigError(file.string(), "a config", exists(file, error) ? "something else" : "no file of that name",
                          "Check the path; examples/ holds configs to start from");
    const std::string text = read_file(file);
    try {
        json config = json::parse(text, StructureCheck(file.string()), true, true);
        if (config.is_object()) return config;
        throw ConfigError(file.string(), "an object", config.type_name(), "Put { } around the keys");
    } catch (const json::parse_error& fault) {
        throw ConfigError(fmt::format("{}, {}", file.string(), line_and_column(text, fault.byte)), "JSON",
                          complaint(fault), "Correct the syntax there or shortly before");
    } catch (const json::out_of_range& fault) {
        throw ConfigError(file.string(), "numbers that fit 64 bits", fault.what(), "Write a smaller number");
    }
}

void set_value(json& config, const std::string& assignment) {
    const std::string option = "--set " + assignment;
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0)
        bad_path(option, "key.path=value", equals == 0 ? "no path" : "no '='");

    if (std::count(assignment.begin(), assignment.begin() + static_cast<std::ptrdiff_t>(equals), '.') > deepest_nesting)
        bad_path(option, fmt::format("at most {} keys", deepest_nesting), "more");

    json* place = &config;
    for (std::size_t begin = 0; begin <= equals;) {
        const std::size_t end = std::min(assignment.find('.', begin), equals);
        place = &entry(*place, assignment.substr(begin, end - begin), option);
        begin = end + 1;
    }
    const std::string text = assignment.substr(equals + 1);
    try {
        *place = json::parse(text, StructureCheck(option));
    } catch (const json::exception&) {
        *place = text;
    }
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

void complete_config(json& config, const std::string& source) {
    const json schema = config_schema();
    fill_defaults(schema, config);
    validate(plain_schema(schema, config), config, source);
}

}  // namespace tapegrad
