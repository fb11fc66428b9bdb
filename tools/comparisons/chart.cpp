#include "tools/comparisons/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tools/common/markup.hpp"

namespace tapegrad {
namespace {

constexpr std::size_t most_points = 300;  // a run
constexpr std::size_t colours = 8;
constexpr int size = 1000;  // of the drawing, stretched to its box

struct Axis {
    Range range;
    double step;  // between ticks

    double share(double value) const { return (value - range.low) / (range.high - range.low); }
};

Axis axis_for(Range range, double most_ticks) {
    if (range.high - range.low < 1e-12) {
        const double margin = std::max(std::abs(range.low) * 0.05, 1e-6);
        range = {range.low - margin, range.high + margin};
    }
    return {range, round_step((range.high - range.low) / most_ticks)};
}

std::vector<double> ticks(const Axis& axis) {
    const double first = std::ceil(axis.range.low / axis.step - 1e-9);
    std::vector<double> values;
    // Counted, for beside a huge number a step may be lost.
    for (int i = 0; i < 20; ++i) {
        const double value = (first + i) * axis.step;
        if (!(value <= axis.range.high + axis.step * 1e-9)) break;
        values.push_back(value);
    }
    return values;
}

// As few decimals as tell neighbouring ticks apart.
std::string tick_text(double value, const Axis& axis, const RunMetric& metric) {
    const double step = axis.step * metric.factor;
    const int decimals = std::max(0, static_cast<int>(-std::floor(std::log10(step) + 1e-9)));
    return fmt::format("{:.{}f}{}", value * metric.factor, decimals, metric.unit);
}

// Of all runs, not of the means alone.
Range range_of_runs(const RunComparison& comparison, const GroupCurves& curves) {
    Range range = *curves.range;
    for (const RunGroup& group : comparison.groups)
        for (const RunRecord& run : group.runs)
            for (const EpochMetrics& epoch : run.epochs)
                if (const std::optional<double> value = finite(epoch, curves.number))
                    range = {std::min(range.low, *value), std::max(range.high, *value)};
    return range;
}

class LineChart {
public:
    LineChart(const RunComparison& comparison, const GroupCurves& curves)
        : comparison_(comparison),
          curves_(curves),
          axis_(axis_for(range_of_runs(comparison, curves), 8)),
          stride_((curves.epochs + most_points - 1) / most_points) {}

    std::string html() const {
        const std::string name = markup_text(curves_.name);
        const std::string every = stride_ > 1 ? fmt::format(", one point in {} epochs", stride_) : "";
        return fmt::format(
            "<figure><figcaption><b>{}</b> over epochs{}</figcaption>\n<div class=\"chart\">{}"
            "<svg viewBox=\"0 0 {} {}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{} over epochs\">{}{}{}"
            "</svg></div></figure>\n",
            name, every, labels(), size, size, name, grid(), runs(), means());
    }

private:
    // One epoch alone stands in the middle.
    double x(std::size_t epoch) const {
        return curves_.epochs < 2 ? 0.5 : static_cast<double>(epoch) / static_cast<double>(curves_.epochs - 1);
    }
    std::string point(std::size_t epoch, double value, bool begins) const {
        return fmt::format("{}{:.0f} {:.0f}", begins ? 'M' : 'L', x(epoch) * size, (1 - axis_.share(value)) * size);
    }

    // `value(i)` is the optional value of epoch i; where there is none, the line has a gap. A point between gaps is
    // drawn as a line of no length, which round ends make a dot.
    template <class Value>
    std::string path(std::size_t count, const Value& value) const {
        std::string path;
        bool inside = false;
        for (std::size_t i = 0; i < count; ++i) {
            if (i % stride_ != 0 && i + 1 != count) continue;
            const std::optional<double> here = value(i);
            if (!here) {
                inside = false;
                continue;
            }
            path += point(i, *here, !inside);
            if (!inside) path += "h0";
            inside = true;
        }
        return path;
    }

    std::string runs() const {
        std::string lines;
        for (std::size_t i = 0; i < comparison_.groups.size(); ++i) {
            lines += fmt::format("<g class=\"run {}\">", group_class(i));
            for (const RunRecord& run : comparison_.groups[i].runs)
                lines += fmt::format("<path d=\"{}\"/>", path(run.epochs.size(), [&](std::size_t epoch) {
                                         return finite(run.epochs[epoch], curves_.number);
                                     }));
            lines += "</g>\n";
        }
        return lines;
    }

    std::string means() const {
        std::string lines;
        for (std::size_t i = 0; i < curves_.means.size(); ++i) {
            const std::vector<CurvePoint>& curve = curves_.means[i];
            const auto value = [&](std::size_t epoch) {
                return curve[epoch].runs > 0 ? std::optional(curve[epoch].mean) : std::nullopt;
            };
            lines += fmt::format("<path class=\"mean {}\" d=\"{}\"/>\n", group_class(i), path(curve.size(), value));
        }
        return lines;
    }

    std::string grid() const {
        std::string lines;
        for (const double tick : ticks(axis_)) {
            const double y = (1 - axis_.share(tick)) * size;
            lines += fmt::format("<path class=\"grid\" d=\"M0 {:.0f}H{}\"/>", y, size);
        }
        return lines + "\n";
    }

    std::string labels() const {
        std::string text;
        for (const double tick : ticks(axis_))
            text += fmt::format("<span class=\"y\" style=\"top:{:.2f}%\">{}</span>", 100 * (1 - axis_.share(tick)),
                                tick_text(tick, axis_, curves_.metric));
        const std::vector<std::size_t> epochs = even_epochs(curves_.epochs, 4);
        for (const std::size_t epoch : epochs)
            text += fmt::format("<span class=\"x\" style=\"left:{:.2f}%\">{}</span>", 100 * x(epoch), epoch);
        return text;
    }

    const RunComparison& comparison_;
    const GroupCurves& curves_;
    Axis axis_;
    std::size_t stride_;
};

Range range_of_values(const RunComparison& comparison) {
    Range range{comparison.summaries[0].minimum, comparison.summaries[0].maximum};
    for (const GroupSummary& summary : comparison.summaries) {
        range = {std::min(range.low, summary.minimum), std::max(range.high, summary.maximum)};
        if (summary.interval)
            range = {std::min(range.low, summary.interval->lower), std::max(range.high, summary.interval->upper)};
    }
    return range;
}

std::string strip(const RunComparison& comparison, std::size_t i, const Axis& axis) {
    const GroupSummary& summary = comparison.summaries[i];
    std::string marks;
    if (summary.interval)
        marks += fmt::format("<i class=\"interval\" style=\"left:{:.2f}%;width:{:.2f}%\"></i>",
                             100 * axis.share(summary.interval->lower),
                             100 * (axis.share(summary.interval->upper) - axis.share(summary.interval->lower)));
    for (const SeedValue& value : comparison.values[i])
        marks += fmt::format("<i class=\"dot\" style=\"left:{:.2f}%\"></i>", 100 * axis.share(value.value));
    marks += fmt::format("<i class=\"middle\" style=\"left:{:.2f}%\"></i>", 100 * axis.share(summary.mean));
    return fmt::format("<p class=\"strip-name\">{}</p><div class=\"strip {}\">{}</div>\n",
                       markup_text(comparison.groups[i].name), group_class(i), marks);
}

}  // namespace

std::string group_class(std::size_t group) { return fmt::format("group-{}", group % colours); }

std::string line_chart(const RunComparison& comparison, const GroupCurves& curves) {
    if (!curves.range) return fmt::format("<p class=\"note\">No run has a {}.</p>\n", markup_text(curves.name));
    return LineChart(comparison, curves).html();
}

std::string strip_chart(const RunComparison& comparison) {
    const Axis axis = axis_for(range_of_values(comparison), 5);
    std::string text = "<div class=\"strips\">";
    for (std::size_t i = 0; i < comparison.groups.size(); ++i) text += strip(comparison, i, axis);
    text += "<div class=\"strip-axis\">";
    for (const double tick : ticks(axis))
        text += fmt::format("<span class=\"x\" style=\"left:{:.2f}%\">{}</span>", 100 * axis.share(tick),
                            tick_text(tick, axis, comparison.metric));
    return text + "</div></div>\n";
}

}  // namespace tapegrad
