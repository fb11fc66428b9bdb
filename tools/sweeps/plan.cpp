#include "tools/sweeps/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "autograd/errors.hpp"
#include "datasets/checksums.hpp"
#include "tools/configs/config.hpp"
#include "tools/configs/full_key.hpp"
#include "tools/configs/words.hpp"

namespace tapegrad {
namespace {

using nlohmann::json;

constexpr std::size_t most_runs = 100'000;
constexpr std::size_t longest_value = 40;  // characters of a value in the name of a folder

std::vector<std::string> short_names(std::span<const GridAxis> axes) {
    std::vector<std::string> keys;
    for (const GridAxis& axis : axes) keys.push_back(axis.key);
    return short_keys(keys);
}

// A value as a part of a file name, whatever other values there are: one that has to be changed for that, or that is a
// string and looks like something else, gets a part of its digest.
std::string file_name_of(const json& value) {
    const std::string text = as_typed(value);
    std::string name = text.substr(0, longest_value);
    for (char& c : name)
        if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-' && c != '+') c = '_';
    if (name == text && !(value.is_string() && json::accept(text))) return name;
    return name + "-" + sha256(value.type_name() + (":" + text)).substr(0, 8);
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

std::vector<SweepRun> plan_sweep(const MergedConfig& base, std::span<const std::int64_t> seeds,
                                 std::span<const GridAxis> axes, const SweepFolders& folders) {
    check_axes(axes, !seeds.empty(), std::max<std::size_t>(seeds.size(), 1));
    const std::vector<std::string> names = short_names(axes);
    std::size_t points = 1;
    for (const GridAxis& axis : axes) points *= axis.values.size();

    std::vector<SweepRun> runs;
    for (std::size_t number = 0; number < points; ++number) {
        const std::vector<json> values = values_at(axes, number);
        MergedConfig changed = base;
        json point = json::object();
        std::string name;
        for (std::size_t i = 0; i < axes.size(); ++i) {
            set_value(changed.config, axes[i].key, values[i]);
            changed.sources.set(axes[i].key, fmt::format("--grid {}={}", names[i], as_typed(values[i])));
            point[axes[i].key] = values[i];
            name += fmt::format("{}{}={}", name.empty() ? "" : ",", names[i], file_name_of(values[i]));
        }
        resolve_paths(changed.config, folders.of_config);
        complete_config(changed.config, changed.sources);
        for (std::size_t i = 0; i < std::max<std::size_t>(seeds.size(), 1); ++i) {
            if (!seeds.empty()) changed.config["seed"] = seeds[i];
            const std::int64_t seed = changed.config["seed"];
            std::string run = name;
            if (!seeds.empty() || name.empty()) run += fmt::format("{}seed={}", name.empty() ? "" : ",", seed);
            runs.push_back({run, folders.of_sweep / run, changed.config, point, seed});
        }
    }
    return runs;
}

}  // namespace tapegrad
