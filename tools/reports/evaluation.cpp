#include "tools/reports/evaluation.hpp"

#include <algorithm>
#include <cmath>

namespace tapegrad {
namespace {

constexpr std::size_t bin_count = 15;

std::optional<double> fraction(std::int64_t part, std::int64_t whole) {
    if (whole == 0) return std::nullopt;
    return static_cast<double>(part) / static_cast<double>(whole);
}

std::vector<ClassScore> class_scores(const std::vector<std::vector<std::int64_t>>& confusion) {
    std::vector<ClassScore> scores;
    for (std::size_t c = 0; c < confusion.size(); ++c) {
        std::int64_t support = 0, predicted = 0;
        for (std::size_t other = 0; other < confusion.size(); ++other) {
            support += confusion[c][other];
            predicted += confusion[other][c];
        }
        const std::int64_t right = confusion[c][c];
        scores.push_back(
            {support, fraction(right, predicted), fraction(right, support), fraction(2 * right, support + predicted)});
    }
    return scores;
}

double log_sum_exp(std::span<const float> row) {
    const double largest = *std::ranges::max_element(row);
    double sum = 0;
    for (const float logit : row) sum += std::exp(logit - largest);
    return largest + std::log(sum);
}

std::vector<CalibrationBin> empty_bins() {
    std::vector<CalibrationBin> bins;
    for (std::size_t bin = 0; bin < bin_count; ++bin)
        bins.push_back({static_cast<double>(bin) / bin_count, static_cast<double>(bin + 1) / bin_count, 0, 0, 0});
    return bins;
}

void count(std::vector<CalibrationBin>& bins, double confidence, bool right) {
    const double place = std::ceil(confidence * bin_count) - 1;
    CalibrationBin& bin = bins[static_cast<std::size_t>(std::clamp<double>(place, 0, bin_count - 1))];
    ++bin.count;
    bin.confidence += confidence;
    bin.accuracy += right;
}

// Makes means of the sums in `bins`.
double calibration_error(std::vector<CalibrationBin>& bins, std::size_t nodes) {
    double error = 0;
    for (CalibrationBin& bin : bins) {
        error += std::abs(bin.confidence - bin.accuracy) / static_cast<double>(nodes);
        if (bin.count == 0) continue;
        bin.confidence /= static_cast<double>(bin.count);
        bin.accuracy /= static_cast<double>(bin.count);
    }
    return error;
}

}  // namespace

Evaluation evaluate_nodes(std::span<const float> logits, std::int64_t classes, std::span<const std::int32_t> labels,
                          std::span<const std::int32_t> nodes) {
    const auto width = static_cast<std::size_t>(classes);
    Evaluation result{.confusion = {width, std::vector<std::int64_t>(width)}, .loss = 0, .bins = empty_bins()};
    std::int64_t right = 0;
    for (const std::int32_t node : nodes) {
        const std::span<const float> row = logits.subspan(static_cast<std::size_t>(node) * width, width);
        const auto predicted = static_cast<std::size_t>(std::ranges::max_element(row) - row.begin());
        const auto label = static_cast<std::size_t>(labels[static_cast<std::size_t>(node)]);
        const double normaliser = log_sum_exp(row);
        ++result.confusion[label][predicted];
        right += label == predicted;
        result.loss += (normaliser - row[label]) / static_cast<double>(nodes.size());
        count(result.bins, std::exp(row[predicted] - normaliser), label == predicted);
    }
    result.classes = class_scores(result.confusion);
    result.accuracy = static_cast<double>(right) / static_cast<double>(nodes.size());
    result.expected_calibration_error = calibration_error(result.bins, nodes.size());
    return result;
}

}  // namespace tapegrad
