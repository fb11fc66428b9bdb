// Two or more groups of runs held against each other: what tools/compare shows in its several forms.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tools/comparisons/config_table.hpp"
#include "tools/comparisons/group_test.hpp"
#include "tools/comparisons/mean_curve.hpp"
#include "tools/comparisons/run_group.hpp"
#include "tools/comparisons/run_metric.hpp"

namespace tapegrad {

/// What is said of the values of a group.
struct GroupSummary {
    std::size_t count;
    double mean;
    std::optional<double> deviation;   ///< of the sample; none of a single run
    std::optional<Interval> interval;  ///< 95 % confidence of the mean
    double minimum, maximum;
};

struct GroupCurves {
    std::string name;  ///< "validation accuracy"
    EpochNumber number;
    RunMetric metric;                            ///< how its values are written
    std::vector<std::vector<CurvePoint>> means;  ///< one a group
    std::size_t epochs;                          ///< of the longest
    std::optional<Range> range;                  ///< none where no run has a point
};

struct RunComparison {
    RunMetric metric;
    std::vector<RunGroup> groups;
    std::vector<std::vector<SeedValue>> values;  ///< one list a group, as all below
    std::vector<GroupSummary> summaries;
    std::vector<ConfigRow> config;
    std::vector<GroupCurves> curves;
    std::vector<GroupTest> tests;        ///< each group but the first against the first
    std::vector<std::string> sentences;  ///< of the tests
    std::vector<LeftOut> left_out;
    std::vector<std::string> remarks;  ///< what makes the comparison doubtful
};

/// Throws ConfigError for less than two groups and for an unknown metric, DataError for a group without any value of
/// it, and what `group_runs` throws.
RunComparison compare_runs(std::span<const std::string> folders, const std::string& metric);

/// What was left out and the remarks, a line each; folders with the same reason share one.
std::vector<std::string> notes(const RunComparison& comparison);

/// Tables and lines for the screen.
std::string to_text(const RunComparison& comparison);
/// docs/comparing.md explains the keys.
nlohmann::json to_json(const RunComparison& comparison);
/// One HTML page that needs no other file and no script.
std::string to_page(const RunComparison& comparison);

/// The rows of the tables in cells, for text and page alike. The header comes first.
std::vector<std::vector<std::string>> config_cells(const RunComparison& comparison);
std::vector<std::vector<std::string>> summary_cells(const RunComparison& comparison);
std::vector<std::vector<std::string>> test_cells(const RunComparison& comparison);
std::vector<std::vector<std::string>> curve_cells(const RunComparison& comparison, const GroupCurves& curves);
/// Whether in a cell of `curve_cells` there are less runs of a group than in others, which is then marked.
bool marks_fewer_runs(const RunComparison& comparison, const GroupCurves& curves);

}  // namespace tapegrad
