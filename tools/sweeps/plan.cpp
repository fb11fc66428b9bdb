#include "tools/sweeps/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "autograd/errors.hpp"
#include "tools/configs/config.hpp"

namespace tapegrad {
namespace {

using nlohmann::json;

constexpr std::size_t most_runs = 100'000;
constexpr std::size_t longest_value = 40;  // characters of a value in the name of a folder

// The last `count` parts of "model.0.heads".
std::string last_parts(const std::string& key, int count) {
    std::size_t begin = key.size();
    while (count-- > 0 && begin != std::string::npos && begin > 0) begin = key.rfind('.', begin - 1);
    return begin == std::string::npos ? key : key.substr(begin + 1);
}

// The shortest end of each key that no other key has.
std::vector<std::string> short_names(std::span<const GridAxis> axes) {
    std::vector<std::string> names;
    for (const GridAxis& axis : axes) {
        const auto is_shared = [&](const std::string& name, int count) {
            return std::ranges::count_if(
                       axes, [&](const GridAxis& other) { return last_parts(other.key, count) == name; }) > 1;
        };
        int count = 1;
        while (is_shared(last_parts(axis.key, count), count) && last_parts(axis.key, count) != axis.key) ++count;
        names.push_back(last_parts(axis.key, count));
    }
    return names;
}

// A value as a part of a file name.
std::string file_name_of(const json& value) {
    std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    for (char& c : text)
        if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-' && c != '+') c = '_';
    return text.substr(0, longest_value);
}

void check_axes(std::span<const GridAxis> axes, bool seeds_given, std::size_t seeds) {
    std::size_t runs = seeds;
    std::set<std::string> keys;
    for (const GridAxis& axis : axes) {
        if (!keys.insert(axis.key).second)
            throw ConfigError("--grid", "each key once", axis.key + " twice", "Write all its values in one --grid");
        if (axis.key == "seed" && seeds_given)
            throw ConfigError("--grid seed", "seeds in one place", "--seeds too", "Leave one of them out");
        runs *= axis.values.size();  // at most 100,000 times the length of an argument: no overflow
        if (runs > most_runs)
            throw ConfigError("--grid and --seeds", fmt::format("at most {} runs", most_runs), "more",
                              "Take fewer values or seeds");
    }
}

// The point of the grid with this number; the last axis varies fastest.
std::vector<json> values_at(std::span<const GridAxis> axes, std::size_t number) {
    std::vector<json> values(axes.size());
    for (std::size_t i = axes.size(); i-- > 0;) {
        values[i] = axes[i].values[number % axes[i].values.size()];
        number /= axes[i].values.size();
    }
    return values;
}

}  // namespace

std::vector<SweepRun> plan_sweep(const json& config, std::span<const std::int64_t> seeds,
                                 std::span<const GridAxis> axes, const std::filesystem::path& folder) {
    check_axes(axes, !seeds.empty(), std::max<std::size_t>(seeds.size(), 1));
    const std::vector<std::string> names = short_names(axes);
    std::size_t points = 1;
    for (const GridAxis& axis : axes) points *= axis.values.size();

    std::vector<SweepRun> runs;
    std::set<std::string> taken;
    for (std::size_t number = 0; number < points; ++number) {
        const std::vector<json> values = values_at(axes, number);
        json changed = config, point = json::object();
        std::string name;
        for (std::size_t i = 0; i < axes.size(); ++i) {
            set_value(changed, axes[i].key, values[i]);
            point[axes[i].key] = values[i];
            name += fmt::format("{}{}={}", name.empty() ? "" : ",", names[i], file_name_of(values[i]));
        }
        complete_config(changed, axes.empty() ? "config" : "--grid " + name);
        for (std::size_t i = 0; i < std::max<std::size_t>(seeds.size(), 1); ++i) {
            if (!seeds.empty()) changed["seed"] = seeds[i];
            std::string run = name;
            if (!seeds.empty()) run += fmt::format("{}seed={}", name.empty() ? "" : ",", seeds[i]);
            if (run.empty()) run = fmt::format("seed={}", changed["seed"].get<std::int64_t>());
            if (!taken.insert(run).second) run += fmt::format(",{}", runs.size());  // values that look alike in a name
            taken.insert(run);
            runs.push_back({run, folder / run, changed, point, changed["seed"]});
        }
    }
    return runs;
}

}  // namespace tapegrad
