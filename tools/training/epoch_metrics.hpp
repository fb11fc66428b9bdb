// What a run measures in an epoch, and the lines of text that hold it.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace tapegrad {

struct EpochMetrics {
    int epoch;                             ///< counted from 0
    double train_loss;                     ///< before the step, with dropout
    std::optional<double> train_accuracy;  ///< fraction of nodes; none where it was not evaluated, as all below
    std::optional<double> val_loss;        ///< after the step, without dropout
    std::optional<double> val_accuracy;
    double seconds;  ///< that the step took
    double time;     ///< when the epoch ended, in seconds since 1970
};

/// A number of an epoch: its name in metrics.jsonl and metrics.csv, and its name (tag) in TensorBoard.
struct Metric {
    std::string_view name;
    std::string_view tag;  ///< "" for what TensorBoard has another place for
    std::optional<double> value;
};

/// All but the epoch, always the same ones in the same order.
std::array<Metric, 6> metrics_of(const EpochMetrics& row);

/// An object on a line of its own; null for what was not evaluated, and for numbers that are not finite.
std::string json_line(const EpochMetrics& row);
/// Throws DataError, which names `where`, for a line that does not hold an epoch. A null loss is NaN.
EpochMetrics parse_json_line(const std::string& line, const std::string& where);

/// The names of the columns on a line.
std::string csv_header();
/// The numbers; nothing between the commas for what was not evaluated.
std::string csv_line(const EpochMetrics& row);

}  // namespace tapegrad
