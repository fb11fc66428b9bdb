// A comparison for programs: numbers as they are in result.json, fractions where the screen shows percent.
#include "tools/comparisons/comparison.hpp"

namespace tapegrad {
namespace {

using nlohmann::json;

template <class T>
json or_null(const std::optional<T>& value) {
    return value ? json(*value) : json();
}

json to_json(const Interval& interval) { return {interval.lower, interval.upper}; }

json group_json(const RunComparison& comparison, std::size_t i) {
    const GroupSummary& summary = comparison.summaries[i];
    json runs = json::array(), curves = json::object();
    for (const SeedValue& value : comparison.values[i]) runs.push_back({{"seed", value.seed}, {"value", value.value}});
    for (const GroupCurves& all : comparison.curves) {
        json means = json::array(), counts = json::array();
        for (const CurvePoint& point : all.means[i]) {
            means.push_back(point.runs > 0 ? json(point.mean) : json());
            counts.push_back(point.runs);
        }
        curves[all.metric.name] = {{"mean", means}, {"runs", counts}};
    }
    return {{"name", comparison.groups[i].name},
            {"runs", runs},
            {"n", summary.count},
            {"mean", summary.mean},
            {"sd", or_null(summary.deviation)},
            {"interval", summary.interval ? to_json(*summary.interval) : json()},
            {"min", summary.minimum},
            {"max", summary.maximum},
            {"curves", curves}};
}

json test_json(const RunComparison& comparison, std::size_t i) {
    const GroupTest& test = comparison.tests[i];
    const std::optional<DifferenceTest>& t = test.test;
    const bool is_tested = t && t->has_spread();
    return {{"first", comparison.groups[0].name},
            {"second", comparison.groups[i + 1].name},
            {"test", !t ? json() : json(test.pairs > 0 ? "paired" : "welch")},
            {"pairs", test.pairs},
            {"difference", test.difference},
            {"interval", t ? to_json(t->interval) : json()},
            {"t", is_tested ? json(t->t) : json()},
            {"degrees", t ? json(t->degrees) : json()},
            {"p", is_tested ? json(t->p) : json()},
            {"p_holm", is_tested ? json(test.p) : json()},
            {"p_wilcoxon", or_null(test.wilcoxon)},
            {"sentence", comparison.sentences[i]}};
}

}  // namespace

json to_json(const RunComparison& comparison) {
    json groups = json::array(), config = json::object(), tests = json::array(), left_out = json::array();
    for (std::size_t i = 0; i < comparison.groups.size(); ++i) groups.push_back(group_json(comparison, i));
    for (const ConfigRow& row : comparison.config) {
        config[row.key] = json::array();
        for (const auto& value : row.values) config[row.key].push_back(or_null(value));
    }
    for (std::size_t i = 0; i < comparison.tests.size(); ++i) tests.push_back(test_json(comparison, i));
    for (const LeftOut& run : comparison.left_out)
        left_out.push_back({{"folder", run.folder.string()}, {"reason", run.reason}});
    return {{"metric", comparison.metric.name},
            {"config", config},
            {"groups", groups},
            {"tests", tests},
            {"left_out", left_out},
            {"remarks", comparison.remarks}};
}

}  // namespace tapegrad
