// A comparison as a page: one file, without scripts, in the reader's light or dark colours.
#include <fmt/format.h>

#include "autograd/version.hpp"
#include "tools/common/markup.hpp"
#include "tools/comparisons/chart.hpp"
#include "tools/comparisons/comparison.hpp"

namespace tapegrad {
namespace {

constexpr const char* style = R"(
:root {
    color-scheme: light dark;
    --page: light-dark(#f6f6f3, #131312);
    --card: light-dark(#ffffff, #1c1c1a);
    --ink: light-dark(#1c1b19, #ecebe6);
    --muted: light-dark(#5d5b55, #aaa8a0);
    --line: light-dark(#e4e2db, #34332f);
    font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
    font-variant-numeric: tabular-nums;
}
.group-0 { --colour: light-dark(#2a78d6, #4a90e8); }
.group-1 { --colour: light-dark(#eb6834, #e2672f); }
.group-2 { --colour: light-dark(#1baf7a, #22a577); }
.group-3 { --colour: light-dark(#b87a00, #cf8e0a); }
.group-4 { --colour: light-dark(#4a3aa7, #9a90ee); }
.group-5 { --colour: light-dark(#e87ba4, #d9588a); }
.group-6 { --colour: light-dark(#007400, #4f9d3a); }
.group-7 { --colour: light-dark(#7d4b2b, #b98663); }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 0 16px 40px; max-width: 1240px; background: var(--page); color: var(--ink); overflow-wrap: anywhere; }
h1, h2, p, figure, ul { margin: 0; padding: 0; }
h1 { font-size: 26px; line-height: 1.25; margin-top: 28px; }
h2 { font-size: 19px; margin-bottom: 12px; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 22px 24px; margin-top: 18px; }
.lead { font-size: 17px; }
.lead + .lead { margin-top: 8px; }
.note, figcaption, li { color: var(--muted); font-size: 14px; }
ul { padding-left: 1.2em; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin-bottom: 14px; font-size: 14px; }
.legend i { display: inline-block; width: 22px; height: 4px; border-radius: 2px; margin-right: 7px; vertical-align: middle; background: var(--colour); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 24px 32px; }
.chart { position: relative; height: 300px; margin: 14px 14px 30px 62px; }
.chart svg { position: absolute; inset: 0; width: 100%; height: 100%; overflow: visible; }
.x, .y { position: absolute; color: var(--muted); font-size: 13px; line-height: 18px; white-space: nowrap; }
.chart .y { right: calc(100% + 8px); transform: translateY(-50%); }
.chart .x { top: calc(100% + 8px); transform: translateX(-50%); }
path { fill: none; vector-effect: non-scaling-stroke; stroke-linejoin: round; stroke-linecap: round; }
.grid { stroke: var(--line); stroke-width: 1px; }
.run path { stroke: var(--colour); stroke-width: 1px; stroke-opacity: 0.3; }
.mean { stroke: var(--colour); stroke-width: 2.5px; }
.strips { margin: 18px 24px 30px; }
.strip-name { font-size: 14px; margin-top: 10px; }
.strip { position: relative; height: 26px; border-bottom: 1px solid var(--line); }
.strip i { position: absolute; }
.dot { width: 10px; height: 10px; margin-left: -5px; top: 8px; border-radius: 5px; background: var(--colour); opacity: 0.45; }
.middle { width: 3px; margin-left: -1.5px; top: 1px; height: 24px; background: var(--ink); }
.interval { top: 5px; height: 16px; background: var(--colour); opacity: 0.3; }
.strip-axis { position: relative; height: 20px; }
.strip-axis .x { top: 4px; transform: translateX(-50%); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 14px; min-width: 50%; }
th, td { padding: 5px 12px; text-align: right; font-weight: 400; white-space: nowrap; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
thead th { color: var(--muted); font-size: 13px; }
@media (max-width: 600px) { th:first-child { white-space: normal; min-width: 110px; } }
)";

std::string row_html(const std::vector<std::string>& cells, const char* element) {
    std::string text = "<tr>";
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const char* const tag = i == 0 ? "th" : element;
        const char* const scope = tag != std::string_view("th") ? ""
                                  : tag == element              ? " scope=\"col\""
                                                                : " scope=\"row\"";
        text += fmt::format("<{}{}>{}</{}>", tag, scope, markup_text(cells[i]), tag);
    }
    return text + "</tr>\n";
}

std::string table_html(const std::vector<std::vector<std::string>>& rows) {
    // Reached by the keyboard, so that it can be scrolled.
    std::string text =
        "<div class=\"scroll\" tabindex=\"0\"><table><thead>" + row_html(rows[0], "th") + "</thead><tbody>\n";
    for (std::size_t i = 1; i < rows.size(); ++i) text += row_html(rows[i], "td");
    return text + "</tbody></table></div>\n";
}

std::string section(const char* id, const char* title, const std::string& content) {
    return fmt::format("<section id=\"{}\"><h2>{}</h2>\n{}</section>\n", id, title, content);
}

std::string conclusion_html(const RunComparison& comparison) {
    std::string text;
    for (const std::string& sentence : comparison.sentences)
        text += fmt::format("<p class=\"lead\">{}</p>\n", markup_text(sentence));
    return text;
}

std::string legend_html(const RunComparison& comparison) {
    std::string text = "<div class=\"legend\">";
    for (std::size_t i = 0; i < comparison.groups.size(); ++i)
        text +=
            fmt::format("<span class=\"{}\"><i></i>{}</span>", group_class(i), markup_text(comparison.groups[i].name));
    return text + "</div>\n";
}

std::string curves_html(const RunComparison& comparison) {
    std::string text = legend_html(comparison) + "<div class=\"charts\">";
    for (const GroupCurves& curves : comparison.curves) text += line_chart(comparison, curves);
    return text +
           "</div>\n<p class=\"note\">Thin lines are runs, thick ones their mean over the runs that went on to "
           "the epoch.</p>\n";
}

std::string notes_html(const RunComparison& comparison) {
    std::string text;
    for (const std::string& note : notes(comparison)) text += fmt::format("<li>{}</li>\n", markup_text(note));
    return text.empty() ? "" : section("notes", "Notes", "<ul>" + text + "</ul>");
}

}  // namespace

std::string to_page(const RunComparison& comparison) {
    std::string title = fmt::format("{} of ", comparison.metric.name);
    for (std::size_t i = 0; i < comparison.groups.size(); ++i)
        title += (i == 0 ? "" : ", ") + comparison.groups[i].name;
    title = markup_text(title);
    std::string page = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n<h1>{}</h1>\n",
        title, style, title);
    page += section("conclusion", "What the test says",
                    conclusion_html(comparison) + "<br>\n" + table_html(test_cells(comparison)));
    page += section("results", "Results",
                    strip_chart(comparison) + table_html(summary_cells(comparison)) +
                        "<p class=\"note\">A dot is a run, the line the mean, the band its 95 % interval.</p>\n");
    page += section("curves", "Curves", curves_html(comparison));
    page += section("config", "Config",
                    comparison.config.empty() ? "<p>The configs are the same but for the seed.</p>\n"
                                              : table_html(config_cells(comparison)));
    page += notes_html(comparison);
    return page +
           fmt::format("</main>\n<footer><p class=\"note\"><br>tapegrad {}</p></footer>\n</body>\n</html>\n", version);
}

}  // namespace tapegrad
