#include "tools/comparisons/mean_curve.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace tapegrad {
namespace {

constexpr const char* blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::size_t block_count = std::size(blocks);

const char* block_for(double value, Range range) {
    const double height = range.high > range.low ? (value - range.low) / (range.high - range.low) : 0.5;
    const auto index = static_cast<std::size_t>(std::clamp(height, 0.0, 1.0) * block_count);
    return blocks[std::min(index, block_count - 1)];
}

}  // namespace

std::optional<double> finite(const EpochMetrics& epoch, EpochNumber number) {
    const std::optional<double>& value = epoch.*number;
    return value && std::isfinite(*value) ? value : std::nullopt;
}

std::vector<CurvePoint> mean_curve(std::span<const RunRecord> runs, EpochNumber number) {
    std::vector<CurvePoint> curve;
    for (const RunRecord& run : runs) {
        if (run.epochs.size() > curve.size()) curve.resize(run.epochs.size(), {0, 0});
        for (std::size_t i = 0; i < run.epochs.size(); ++i) {
            const std::optional<double> value = finite(run.epochs[i], number);
            if (!value) continue;
            curve[i].mean += *value;
            ++curve[i].runs;
        }
    }
    for (CurvePoint& point : curve)
        if (point.runs > 0) point.mean /= static_cast<double>(point.runs);
    return curve;
}

std::optional<Range> range_of(std::span<const std::vector<CurvePoint>> curves) {
    std::optional<Range> range;
    for (const std::vector<CurvePoint>& curve : curves)
        for (const CurvePoint& point : curve) {
            if (point.runs == 0) continue;
            if (!range) range = {point.mean, point.mean};
            range = {std::min(range->low, point.mean), std::max(range->high, point.mean)};
        }
    return range;
}

std::string sparkline(std::span<const CurvePoint> curve, std::size_t epochs, std::size_t width, Range range) {
    std::string line;
    const std::size_t columns = std::min(width, epochs);
    for (std::size_t column = 0; column < columns; ++column) {
        const std::size_t begin = column * epochs / columns, end = (column + 1) * epochs / columns;
        double sum = 0;
        std::size_t count = 0;
        for (std::size_t i = begin; i < std::min(end, curve.size()); ++i) {
            if (curve[i].runs == 0) continue;
            sum += curve[i].mean;
            ++count;
        }
        line += count == 0 ? " " : block_for(sum / static_cast<double>(count), range);
    }
    return line.substr(0, line.find_last_not_of(' ') + 1);
}

std::vector<std::size_t> even_epochs(std::size_t end, std::size_t count) {
    if (end == 0) return {};
    const double least = std::max(1.0, static_cast<double>(end - 1) / static_cast<double>(count));
    const auto step = static_cast<std::size_t>(round_step(least));
    std::vector<std::size_t> epochs{0};
    // One just before the last would lie on it.
    for (std::size_t epoch = step; epoch + step / 2 < end; epoch += step) epochs.push_back(epoch);
    if (epochs.back() + 1 < end) epochs.push_back(end - 1);
    return epochs;
}

std::vector<std::size_t> growing_epochs(std::size_t end, std::size_t count) {
    if (end < 2) return std::vector<std::size_t>(end, 0);
    const std::size_t last = end - 1;
    std::vector<std::size_t> epochs;
    // One just before the last would say the same.
    for (double epoch = 1; epoch * 1.25 < static_cast<double>(last); epoch = round_step(epoch * 1.01))
        epochs.push_back(static_cast<std::size_t>(epoch));
    if (epochs.size() > count) epochs.erase(epochs.begin(), epochs.end() - static_cast<std::ptrdiff_t>(count));
    epochs.insert(epochs.begin(), 0);
    epochs.push_back(last);
    return epochs;
}

double round_step(double least) {
    const double power = std::pow(10, std::floor(std::log10(least)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (factor * power >= least * (1 - 1e-9)) return factor * power;
    return 10 * power;
}

}  // namespace tapegrad
