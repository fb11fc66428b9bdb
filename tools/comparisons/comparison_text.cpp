// A comparison for the screen.
#include <fmt/format.h>

#include <algorithm>

#include "tools/common/output.hpp"
#include "tools/comparisons/comparison.hpp"

namespace tapegrad {
namespace {

constexpr std::size_t sparkline_width = 60;

std::string table_text(std::vector<std::vector<std::string>> rows) {
    Table table(std::move(rows[0]));
    for (std::size_t i = 1; i < rows.size(); ++i) table.add(std::move(rows[i]));
    return table.text();
}

std::string curves_text(const RunComparison& comparison, const GroupCurves& curves) {
    if (!curves.range) return fmt::format("{}: in no run\n", curves.name);
    std::string text = fmt::format("{}, mean over runs; the lines lie between {} and {}\n", curves.name,
                                   curves.metric.value(curves.range->low), curves.metric.value(curves.range->high));
    std::size_t width = 0;
    for (const RunGroup& group : comparison.groups) width = std::max(width, group.name.size());
    for (std::size_t i = 0; i < comparison.groups.size(); ++i)
        text += fmt::format("{:<{}}  {}\n", comparison.groups[i].name, width,
                            sparkline(curves.means[i], curves.epochs, sparkline_width, *curves.range));
    text += table_text(curve_cells(comparison, curves));
    if (marks_fewer_runs(comparison, curves)) text += "(n): only n runs went on to this epoch\n";
    return text;
}

}  // namespace

std::string to_text(const RunComparison& comparison) {
    std::string text = comparison.config.empty() ? "The configs are the same but for the seed.\n"
                                                 : table_text(config_cells(comparison));
    text += "\n" + table_text(summary_cells(comparison));
    for (const GroupCurves& curves : comparison.curves) text += "\n" + curves_text(comparison, curves);
    text += "\n" + table_text(test_cells(comparison)) + "\n";
    for (const std::string& sentence : comparison.sentences) text += sentence + "\n";
    return text;
}

}  // namespace tapegrad
