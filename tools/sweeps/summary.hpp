// What the runs of a sweep say together.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tools/common/significance.hpp"
#include "tools/sweeps/plan.hpp"

namespace tapegrad {

/// A run of the sweep that has ended.
struct SweepResult {
    SweepRun run;
    nlohmann::json result;     ///< of its result.json; null if it failed
    std::string error{};       ///< why it failed
    bool wrong_usage = false;  ///< it failed by that
    bool reused = false;       ///< it was there already
};

/// The runs of one point of the grid that did not fail.
struct PointSummary {
    nlohmann::json point;
    std::size_t runs;
    double test_mean, validation_mean;
    std::optional<double> deviation;   ///< of the test accuracy, the standard deviation of a sample; none for one run
    std::optional<Interval> interval;  ///< of its mean, 95 % confidence
    double lowest, highest;            ///< test accuracy
    std::string best_run;              ///< the name of the one with the highest validation accuracy
    double median_epochs, mean_seconds;
    std::set<std::string> backends;  ///< that computed the runs
};

/// One for each point, in the order of the runs; points without any run that ended are left out.
std::vector<PointSummary> summarise(const std::vector<SweepResult>& results);

/// A table, accuracies in percent, and sentences: for several points which has the highest mean validation accuracy,
/// and the run of that point which has the highest itself. Backends are told where there are several.
std::string to_text(const std::vector<PointSummary>& points);

/// The backends that computed the runs of any of the points.
std::set<std::string> backends_of(const std::vector<PointSummary>& points);

/// Why runs failed, a line each; of runs that failed alike the first is named and the others are counted.
std::vector<std::string> error_lines(const std::vector<SweepResult>& results);

/// Writes sweep.json (all of the above) and sweep.csv (a row a run) to `folder`. Throws DataError when it cannot.
void write_summary(const std::filesystem::path& folder, const std::vector<SweepResult>& results);

}  // namespace tapegrad
