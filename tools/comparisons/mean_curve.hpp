// How a metric went over the epochs, as a mean over runs.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tools/comparisons/run_record.hpp"

namespace tapegrad {

/// Which of the numbers of an epoch: &EpochMetrics::val_accuracy, &EpochMetrics::val_loss.
using EpochNumber = std::optional<double> EpochMetrics::*;

/// The number of an epoch where it is there and finite.
std::optional<double> finite(const EpochMetrics& epoch, EpochNumber number);

struct CurvePoint {
    double mean;       ///< over the runs that have the number
    std::size_t runs;  ///< how many have; 0 where none has, and `mean` says nothing
};

/// A point for each epoch, counted from 0, up to the last one of the longest run.
std::vector<CurvePoint> mean_curve(std::span<const RunRecord> runs, EpochNumber number);

struct Range {
    double low, high;
};

/// From the smallest to the largest mean; none without any.
std::optional<Range> range_of(std::span<const std::vector<CurvePoint>> curves);

/// The curve as a line of blocks, "▁▃▆█": `epochs` take `width` characters, each the mean of its points, between
/// those for `range.low` and `range.high`. A space where there is no point, none at the end.
std::string sparkline(std::span<const CurvePoint> curve, std::size_t epochs, std::size_t width, Range range);

/// 0, a round step, twice that, ..., less than `end`, and at last end - 1: about `count` epochs.
std::vector<std::size_t> even_epochs(std::size_t end, std::size_t count);

/// 0, then 1, 2 and 5 times powers of ten, of which the last `count` below `end`, and at last end - 1: close together
/// where training moves fast, and short and long runs have some in common.
std::vector<std::size_t> growing_epochs(std::size_t end, std::size_t count);

/// The smallest 1, 2 or 5 times a power of ten that is at least `least`, which is above 0.
double round_step(double least);

}  // namespace tapegrad
