#include "tools/conformance/judgement.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tools/common/output.hpp"

namespace tapegrad {
namespace {

constexpr std::size_t most_faults_of_one = 3, most_subjects = 5, longest_fault = 600;

bool is_op(const Report& report) { return report.subject.starts_with("op "); }
bool is_kernel(const Report& report) { return report.subject.starts_with("kernel "); }

std::string state(const Report& report, const std::string& dtype) {
    const auto found = report.ran_by.find(dtype);
    return found == report.ran_by.end() ? "-" : found->second;
}

std::string error_text(const Report& report) {
    if (report.worst_error > 1e6) return "wrong";
    return report.worst_error == 0 ? "0" : fmt::format("{:.3f}", report.worst_error);
}

/// A kernel that nobody wrote yet.
bool is_missing(const Report& report) {
    return is_kernel(report) && !report.ran_by.empty() &&
           std::ranges::all_of(report.ran_by, [](const auto& dtype) { return dtype.second == "missing"; });
}

std::string verdict(const Report& report) {
    if (is_missing(report)) return "to write";
    return report.faults.empty() ? "ok" : fmt::format("{} FAULTS", report.faults.size());
}

/// As wide as its column, which begins at the left.
std::string where(const Report& report) {
    constexpr std::size_t width = 60;
    const std::string& text = report.worst_case;
    return fmt::format("{:<{}}", text.size() <= width ? text : text.substr(0, width - 3) + "...", width);
}

/// The bits on other threads belong to the op's row.
std::int64_t cases_on_threads(const Judgement& judgement, const Report& op) {
    const auto threads = std::ranges::find(judgement.reports, "threads, " + op.subject, &Report::subject);
    return threads == judgement.reports.end() ? 0 : threads->cases;
}

std::string table_of(const Judgement& judgement, bool (*belongs)(const Report&), const std::string& title) {
    Table table({title, "f32", "f64", "i32", "cases", "worst error", "", where({.worst_case = "where"})});
    bool is_empty = true;
    for (const Report& report : judgement.reports) {
        if (!belongs(report)) continue;
        is_empty = false;
        table.add({report.subject.substr(report.subject.find(' ') + 1), state(report, "f32"), state(report, "f64"),
                   state(report, "i32"), fmt::format("{}", report.cases + cases_on_threads(judgement, report)),
                   error_text(report), verdict(report), where(report)});
    }
    return is_empty ? "" : table.text() + "\n";
}

std::string others(const Judgement& judgement) {
    Table table({"whole", "cases", "worst error", ""});
    bool is_empty = true;
    for (const Report& report : judgement.reports) {
        const bool is_right = report.subject.starts_with("threads") && report.faults.empty();
        if (is_op(report) || is_kernel(report) || is_right) continue;
        is_empty = false;
        table.add({report.subject, fmt::format("{}", report.cases), error_text(report), verdict(report)});
    }
    return is_empty ? "" : table.text() + "\n";
}

std::string faults_of(const Judgement& judgement) {
    std::string text;
    std::size_t subjects = 0;
    for (const Report& report : judgement.reports) {
        if (report.faults.empty() || is_missing(report)) continue;
        if (++subjects > most_subjects) continue;
        for (std::size_t i = 0; i < std::min(report.faults.size(), most_faults_of_one); ++i)
            text += fmt::format("FAULT {}: {}\n", report.subject, report.faults[i].substr(0, longest_fault));
        if (report.faults.size() > most_faults_of_one)
            text += fmt::format("      {}: and {} more\n", report.subject, report.faults.size() - most_faults_of_one);
    }
    if (subjects > most_subjects)
        text += fmt::format("      and faults of {} others; --json FILE writes all\n", subjects - most_subjects);
    return text.empty() ? "" : text + "\n";
}

}  // namespace

std::int64_t Judgement::cases() const {
    std::int64_t sum = 0;
    for (const Report& report : reports) sum += report.cases;
    return sum;
}

std::int64_t Judgement::faults() const {
    std::int64_t sum = plugin.refusal.empty() ? 0 : 1;
    for (const Report& report : reports) sum += static_cast<std::int64_t>(report.faults.size());
    return sum;
}

std::string to_text(const Judgement& judgement) {
    const PluginFacts& plugin = judgement.plugin;
    std::string text =
        fmt::format("{} {}: {}\n{}\n\n", plugin.name, plugin.version,
                    plugin.refusal.empty() ? plugin.description : "refused: " + plugin.refusal, judgement.file);
    text += table_of(judgement, is_kernel, "mandatory kernel");
    text += table_of(judgement, is_op, "op");
    text += others(judgement);
    if (!judgement.reports.empty())
        text +=
            "native: by a kernel of its name; direct: by calls of mandatory kernels; composed: by other ops\n"
            "worst error: over what rounding allows, which follows from the type and the lengths of the sums\n\n";
    text += faults_of(judgement);
    text += fmt::format("{} cases, {} faults: {}\n", judgement.cases(), judgement.faults(),
                        judgement.passes() ? plugin.name + " conforms" : plugin.name + " does not conform");
    if (!judgement.next.empty()) text += "Next: " + judgement.next + "\n";
    return text;
}

nlohmann::json to_json(const Judgement& judgement) {
    const PluginFacts& plugin = judgement.plugin;
    return {{"plugin",
             {{"name", plugin.name},
              {"version", plugin.version},
              {"description", plugin.description},
              {"refusal", plugin.refusal}}},
            {"passes", judgement.passes()},
            {"cases", judgement.cases()},
            {"faults", judgement.faults()},
            {"next", judgement.next},
            {"reports", judgement.reports}};
}

}  // namespace tapegrad
