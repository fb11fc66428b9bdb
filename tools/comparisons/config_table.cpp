#include "tools/comparisons/config_table.hpp"

#include <charconv>
#include <set>
#include <string_view>

#include "tools/configs/differences.hpp"

namespace tapegrad {
namespace {

using nlohmann::json;

const json* entry_of(const json& value, std::string_view part) {
    if (value.is_object()) {
        const auto entry = value.find(part);
        return entry == value.end() ? nullptr : &*entry;
    }
    std::size_t index = 0;
    std::from_chars(part.data(), part.data() + part.size(), index);
    return value.is_array() && index < value.size() ? &value[index] : nullptr;
}

std::optional<json> value_at(const json& config, std::string_view key) {
    const json* value = &config;
    while (value != nullptr) {
        const std::size_t dot = key.find('.');
        value = entry_of(*value, key.substr(0, dot));
        if (dot == std::string_view::npos) break;
        key.remove_prefix(dot + 1);
    }
    return value == nullptr ? std::nullopt : std::optional(*value);
}

}  // namespace

json without_seed(json config) {
    for (const char* key : {"seed", "threads", "$schema"}) config.erase(key);
    return config;
}

std::vector<ConfigRow> config_table(std::span<const json> configs) {
    std::set<std::string> keys;
    for (const json& config : configs)
        for (const ConfigDifference& difference : differences(configs[0], config)) keys.insert(difference.path);
    std::vector<ConfigRow> rows;
    for (const std::string& key : keys) {
        rows.push_back({key, {}});
        for (const json& config : configs) rows.back().values.push_back(value_at(config, key));
    }
    return rows;
}

}  // namespace tapegrad
