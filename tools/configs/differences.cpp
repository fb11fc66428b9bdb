#include "tools/configs/differences.hpp"

#include <algorithm>

#include "tools/common/output.hpp"
#include "tools/configs/words.hpp"

namespace tapegrad {
namespace {

using nlohmann::json;

void compare(const json& first, const json& second, const std::string& path, std::vector<ConfigDifference>& found) {
    if (first == second) return;
    const auto inside = [&](const std::string& part) { return path.empty() ? part : path + "." + part; };
    if (first.is_object() && second.is_object()) {
        json keys = first;
        keys.update(second);  // the keys of both, in order
        for (const auto& [key, value] : keys.items()) {
            if (!first.contains(key))
                found.push_back({inside(key), {}, value});
            else if (!second.contains(key))
                found.push_back({inside(key), value, {}});
            else
                compare(first[key], second[key], inside(key), found);
        }
    } else if (first.is_array() && second.is_array()) {
        for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
            if (i >= first.size())
                found.push_back({inside(std::to_string(i)), {}, second[i]});
            else if (i >= second.size())
                found.push_back({inside(std::to_string(i)), first[i], {}});
            else
                compare(first[i], second[i], inside(std::to_string(i)), found);
        }
    } else {
        found.push_back({path, first, second});
    }
}

}  // namespace

std::vector<ConfigDifference> differences(const json& first, const json& second) {
    std::vector<ConfigDifference> found;
    compare(first, second, "", found);
    return found;
}

std::string to_text(std::span<const ConfigDifference> differences, const std::string& first_name,
                    const std::string& second_name) {
    Table table({"key", first_name, second_name});
    for (const ConfigDifference& difference : differences)
        table.add({difference.path, value_text(difference.first), value_text(difference.second)});
    return table.text();
}

}  // namespace tapegrad
