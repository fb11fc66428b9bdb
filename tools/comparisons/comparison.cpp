#include "tools/comparisons/comparison.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <tuple>

#include "autograd/errors.hpp"
#include "tools/common/statistics.hpp"

namespace tapegrad {
namespace {

constexpr std::size_t most_named = 3;

GroupSummary summarise(std::span<const SeedValue> values) {
    std::vector<double> numbers;
    for (const SeedValue& value : values) numbers.push_back(value.value);
    const auto [low, high] = std::ranges::minmax(numbers);
    GroupSummary summary{numbers.size(), mean(numbers), {}, {}, low, high};
    if (numbers.size() < 2) return summary;
    summary.deviation = standard_deviation(numbers);
    summary.interval = mean_interval(numbers);
    return summary;
}

GroupCurves curves_of(std::span<const RunGroup> groups, const std::string& name, EpochNumber number, RunMetric metric) {
    GroupCurves curves{name, number, std::move(metric), {}, 0, {}};
    for (const RunGroup& group : groups) {
        curves.means.push_back(mean_curve(group.runs, number));
        curves.epochs = std::max(curves.epochs, curves.means.back().size());
    }
    curves.range = range_of(curves.means);
    return curves;
}

// What `get` gives of the runs of each group: a remark where it is not the same for all, and whether there is one.
template <class Get>
bool remark_differences(RunComparison& comparison, const std::string& what, const Get& get) {
    std::set<std::string> all;
    std::vector<std::string> by_group;
    for (const RunGroup& group : comparison.groups) {
        std::set<std::string> own;
        for (const RunRecord& run : group.runs) own.insert(get(run));
        all.insert(own.begin(), own.end());
        by_group.push_back(fmt::format("{} with {}", group.name, fmt::join(own, " and ")));
    }
    if (all.size() > 1) comparison.remarks.push_back(fmt::format("{}: {}", what, fmt::join(by_group, "; ")));
    return all.size() > 1;
}

// "01234567", or "pyg 01234567" for names of PyG.
std::string initial_weights(const RunRecord& run) {
    const std::string& digest = run.description.initial_weights;
    return digest.empty() ? "random ones" : digest.substr(0, digest.find(' ') + 1 + 8);  // npos + 1 is 0
}

void remark_doubts(RunComparison& comparison) {
    const bool other_data = remark_differences(
        comparison, "the runs are not of the same data, so they tell nothing about the configs alone",
        [](const RunRecord& run) {
            return fmt::format("{} ({})", run.description.dataset, run.description.digest.substr(0, 8));
        });
    const bool other_weights = remark_differences(
        comparison, "the runs began with other weights, so they tell nothing about the configs alone", initial_weights);
    remark_differences(comparison, "the runs are of several versions of tapegrad",
                       [](const RunRecord& run) { return run.description.version; });
    remark_differences(comparison, "the runs were computed by several backends", [](const RunRecord& run) {
        const auto name = run.result.find("backend");
        return name != run.result.end() && name->is_string() ? name->get<std::string>() : "?";
    });
    for (const RunGroup& group : comparison.groups)
        for (const RunRecord& run : group.runs)
            if (!run.remark.empty()) comparison.remarks.push_back(run.remark);
    if (comparison.config.empty() && !other_data && !other_weights)
        comparison.remarks.emplace_back("the configs are the same but for the seed: no difference is to be expected");
}

void take_values(RunComparison& comparison) {
    for (const RunGroup& group : comparison.groups) {
        comparison.values.push_back(values_of(group, comparison.metric, comparison.left_out));
        if (comparison.values.back().empty())
            throw DataError(group.name, fmt::format("a run with a {} that is a finite number", comparison.metric.name),
                            "none", "Choose another with --metric, or leave the folder out");
        comparison.summaries.push_back(summarise(comparison.values.back()));
    }
}

void test(RunComparison& comparison) {
    comparison.tests = test_against_first(comparison.values);
    const auto made = static_cast<std::size_t>(
        std::ranges::count_if(comparison.tests, [](const GroupTest& test) { return test.test.has_value(); }));
    for (std::size_t i = 0; i < comparison.tests.size(); ++i)
        comparison.sentences.push_back(in_words(comparison.tests[i], comparison.groups[0].name,
                                                comparison.groups[i + 1].name, comparison.metric, made));
}

}  // namespace

RunComparison compare_runs(std::span<const std::string> folders, const std::string& metric) {
    GroupedRuns runs = group_runs(folders);
    if (runs.groups.size() < 2)
        throw ConfigError("DIR", "at least two folders, or one whose runs have different configs",
                          folders.empty() ? "none" : fmt::format("{}, all of one config", folders[0]),
                          "Name another run or folder of runs to compare it with");
    RunComparison comparison{.metric = find_metric(metric, runs.groups),
                             .groups = std::move(runs.groups),
                             .values = {},
                             .summaries = {},
                             .config = {},
                             .curves = {},
                             .tests = {},
                             .sentences = {},
                             .left_out = std::move(runs.left_out),
                             .remarks = {}};
    std::vector<nlohmann::json> configs;
    for (const RunGroup& group : comparison.groups) configs.push_back(group.config);
    comparison.config = config_table(configs);
    take_values(comparison);
    test(comparison);
    for (const auto& [name, number, as] :
         {std::tuple{"validation accuracy", &EpochMetrics::val_accuracy, "val_accuracy"},
          std::tuple{"validation loss", &EpochMetrics::val_loss, "val_loss"}})
        comparison.curves.push_back(curves_of(comparison.groups, name, number, describe_metric(as)));
    remark_doubts(comparison);
    return comparison;
}

std::vector<std::string> notes(const RunComparison& comparison) {
    std::map<std::string, std::vector<std::string>> by_reason;
    for (const LeftOut& run : comparison.left_out) by_reason[run.reason].push_back(run.folder.string());
    std::vector<std::string> lines;
    for (const auto& [reason, folders] : by_reason) {
        const std::size_t named = folders.size() <= most_named + 1 ? folders.size() : most_named;
        std::string line = fmt::format("left out: {}", fmt::join(std::span(folders).first(named), ", "));
        if (named < folders.size()) line += fmt::format(" and {} more", folders.size() - named);
        lines.push_back(fmt::format("{}: {}", line, reason));
    }
    lines.insert(lines.end(), comparison.remarks.begin(), comparison.remarks.end());
    return lines;
}

}  // namespace tapegrad
