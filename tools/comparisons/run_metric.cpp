#include "tools/comparisons/run_metric.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <set>

#include "autograd/edit_distance.hpp"
#include "autograd/errors.hpp"

namespace tapegrad {
namespace {

// The keys of result.json whose values are numbers. JSON has no NaN: it is written as null.
std::set<std::string> metric_names(std::span<const RunGroup> groups) {
    std::set<std::string> names;
    for (const RunGroup& group : groups)
        for (const RunRecord& run : group.runs)
            for (const auto& [name, value] : run.result.items())
                if (value.is_number() || value.is_null()) names.insert(name);
    names.erase("seed");
    return names;
}

}  // namespace

std::string RunMetric::number(double value) const { return fmt::format("{:.{}f}", value * factor, decimals); }
std::string RunMetric::value(double value) const { return number(value) + unit; }
std::string RunMetric::difference(double value) const { return number(value) + difference_unit; }

RunMetric describe_metric(const std::string& name) {
    if (name.ends_with("accuracy")) return {name, Better::higher, 100, 2, " %", " points"};
    if (name.ends_with("loss")) return {name, Better::lower, 1, 4, "", ""};
    if (name.ends_with("seconds")) return {name, Better::lower, 1, 2, " s", " s"};
    if (name.find("_ms") != std::string::npos) return {name, Better::lower, 1, 3, " ms", " ms"};
    return {name, Better::neither, 1, 1, "", ""};
}

RunMetric find_metric(const std::string& name, std::span<const RunGroup> groups) {
    const std::set<std::string> known = metric_names(groups);
    if (!known.contains(name)) {
        const std::vector<std::string> names(known.begin(), known.end());
        throw ConfigError(fmt::format("--metric {}", name), fmt::format("one of {}", fmt::join(names, ", ")),
                          "another name", fmt::format("Did you mean {}?", nearest(name, names)));
    }
    return describe_metric(name);
}

std::vector<SeedValue> values_of(const RunGroup& group, const RunMetric& metric, std::vector<LeftOut>& left_out) {
    std::vector<SeedValue> values;
    for (const RunRecord& run : group.runs) {
        const auto entry = run.result.find(metric.name);
        if (entry == run.result.end())
            left_out.push_back({run.folder, fmt::format("no {} in result.json", metric.name)});
        else if (!entry->is_number() || !std::isfinite(entry->get<double>()))
            left_out.push_back({run.folder, fmt::format("its {} is not a finite number", metric.name)});
        else
            values.push_back({run.seed, entry->get<double>()});
    }
    return values;
}

}  // namespace tapegrad
