// The tables of a comparison in cells, for the screen and the page alike.
#include <fmt/format.h>

#include "tools/comparisons/comparison.hpp"
#include "tools/configs/words.hpp"

namespace tapegrad {
namespace {

using Row = std::vector<std::string>;

std::string interval_cell(const RunMetric& metric, const Interval& interval) {
    return fmt::format("{} to {}", metric.number(interval.lower), metric.number(interval.upper));
}

std::string title_with_unit(const std::string& name, const std::string& unit) {
    return unit.empty() ? name : fmt::format("{} ({})", name, unit.substr(1));
}

std::string kind_cell(const GroupTest& test) {
    if (!test.test) return "none";
    return test.pairs > 0 ? fmt::format("paired t, {} pairs", test.pairs)
                          : fmt::format("Welch, {} and {} runs", test.second_count, test.first_count);
}

std::string p_cell(double p) { return p < 0.0001 ? "< 0.0001" : fmt::format("{:.4f}", p); }

Row test_row(const std::string& name, const GroupTest& test, const RunMetric& metric, bool corrected) {
    Row row{name, kind_cell(test), metric.number(test.difference)};
    const bool is_tested = test.test && test.test->has_spread();
    if (is_tested) {
        row.push_back(interval_cell(metric, test.test->interval));
        row.push_back(fmt::format("{:.2f}", test.test->t));
        row.push_back(fmt::format("{:.1f}", test.test->degrees));
        row.push_back(p_cell(test.test->p));
    } else {
        row.insert(row.end(), 4, "-");
    }
    if (corrected) row.push_back(is_tested ? p_cell(test.p) : "-");
    row.push_back(test.wilcoxon ? p_cell(*test.wilcoxon) : "-");
    return row;
}

std::vector<std::size_t> epochs_shown(const GroupCurves& curves) { return growing_epochs(curves.epochs, 6); }

std::size_t runs_at(const std::vector<CurvePoint>& curve, std::size_t epoch) {
    return epoch < curve.size() ? curve[epoch].runs : 0;
}

bool is_marked(std::size_t runs, const RunGroup& group) { return runs > 0 && runs < group.runs.size(); }

}  // namespace

std::vector<Row> config_cells(const RunComparison& comparison) {
    std::vector<Row> rows{{"config"}};
    for (const RunGroup& group : comparison.groups) rows[0].push_back(group.name);
    for (const ConfigRow& difference : comparison.config) {
        rows.push_back({difference.key});
        for (const auto& value : difference.values) rows.back().push_back(value_text(value));
    }
    return rows;
}

std::vector<Row> summary_cells(const RunComparison& comparison) {
    const RunMetric& metric = comparison.metric;
    std::vector<Row> rows{
        {title_with_unit(metric.name, metric.unit), "n", "mean", "sd", "95 % interval", "min", "max"}};
    for (std::size_t i = 0; i < comparison.groups.size(); ++i) {
        const GroupSummary& summary = comparison.summaries[i];
        rows.push_back({comparison.groups[i].name, std::to_string(summary.count), metric.number(summary.mean),
                        summary.deviation ? metric.number(*summary.deviation) : "-",
                        summary.interval ? interval_cell(metric, *summary.interval) : "-",
                        metric.number(summary.minimum), metric.number(summary.maximum)});
    }
    return rows;
}

std::vector<Row> test_cells(const RunComparison& comparison) {
    const RunMetric& metric = comparison.metric;
    const bool corrected = comparison.tests.size() > 1;
    std::vector<Row> rows{{fmt::format("minus {}", comparison.groups[0].name), "test",
                           title_with_unit("difference", metric.difference_unit), "95 % interval", "t", "df", "p"}};
    if (corrected) rows[0].emplace_back("p (Holm)");
    rows[0].emplace_back("p (Wilcoxon)");
    for (std::size_t i = 0; i < comparison.tests.size(); ++i)
        rows.push_back(test_row(comparison.groups[i + 1].name, comparison.tests[i], metric, corrected));
    return rows;
}

std::vector<Row> curve_cells(const RunComparison& comparison, const GroupCurves& curves) {
    const std::vector<std::size_t> epochs = epochs_shown(curves);
    std::vector<Row> rows{{"epoch"}};
    for (const std::size_t epoch : epochs) rows[0].push_back(std::to_string(epoch));
    for (std::size_t i = 0; i < comparison.groups.size(); ++i) {
        rows.push_back({comparison.groups[i].name});
        const std::vector<CurvePoint>& curve = curves.means[i];
        for (const std::size_t epoch : epochs) {
            const std::size_t runs = runs_at(curve, epoch);
            std::string cell = runs == 0 ? "-" : curves.metric.number(curve[epoch].mean);
            if (is_marked(runs, comparison.groups[i])) cell += fmt::format(" ({})", runs);
            rows.back().push_back(cell);
        }
    }
    return rows;
}

bool marks_fewer_runs(const RunComparison& comparison, const GroupCurves& curves) {
    for (const std::size_t epoch : epochs_shown(curves))
        for (std::size_t i = 0; i < comparison.groups.size(); ++i)
            if (is_marked(runs_at(curves.means[i], epoch), comparison.groups[i])) return true;
    return false;
}

}  // namespace tapegrad
