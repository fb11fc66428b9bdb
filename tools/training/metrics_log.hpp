// The metrics of a run, for people and programs that look at it while it goes.
#pragma once

#include <filesystem>
#include <limits>
#include <vector>

#include "tools/training/epoch_metrics.hpp"
#include "tools/training/growing_file.hpp"

namespace tapegrad {

/// Holds a row an epoch in three forms: metrics.jsonl, metrics.csv and events.out.tfevents.TIME.tapegrad, which
/// TensorBoard reads. Rows are in the files, not on the disk, when `add` returns.
class MetricsLog {
public:
    /// Begins the files in `folder`, with the rows of the first `epochs_to_keep` epochs of the metrics.jsonl that is
    /// there; later ones, and a line that was cut off, are dropped, and the other two files are made anew. Throws
    /// DataError if there are fewer rows or a file cannot be written; metrics.jsonl is as it was then.
    explicit MetricsLog(const std::filesystem::path& folder, int epochs_to_keep = 0);

    /// Throws DataError with the file and the reason of the system when a file cannot be written.
    void add(const EpochMetrics& row);

    /// Returns when metrics.jsonl is on the disk: to be called before a checkpoint is, which counts on its rows.
    void sync() { json_.sync(); }

private:
    MetricsLog(const std::filesystem::path& folder, const std::vector<EpochMetrics>& kept);

    GrowingFile csv_, events_;
    GrowingFile json_;  // after those that are made of it, so that it is as it was when they cannot be made
};

/// The rows of a metrics.jsonl, at most `most`, whose run may still be going on: a last line without an end is left
/// out. Throws DataError with the number of the line for one of them that does not hold the next epoch.
std::vector<EpochMetrics> read_metrics(const std::filesystem::path& file, int most = std::numeric_limits<int>::max());

}  // namespace tapegrad
