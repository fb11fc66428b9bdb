#include "tools/training/metrics_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <ctime>
#include <span>
#include <sstream>
#include <string>
#include <system_error>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "tools/training/event_file.hpp"

namespace tapegrad {
namespace {

namespace fs = std::filesystem;

constexpr const char* json_name = "metrics.jsonl";
constexpr const char* csv_name = "metrics.csv";
constexpr std::string_view events_prefix = "events.out.tfevents.", events_suffix = ".tapegrad";

std::vector<EpochMetrics> kept_rows(const fs::path& file, int epochs_to_keep) {
    if (epochs_to_keep == 0) return {};
    std::vector<EpochMetrics> rows = read_metrics(file, epochs_to_keep);
    if (static_cast<int>(rows.size()) < epochs_to_keep)
        throw DataError(file.string(), fmt::format("{} epochs to go on from", epochs_to_keep),
                        fmt::format("{}", rows.size()), "The file was cut; begin the run anew");
    return rows;
}

std::string event_record_of(const EpochMetrics& row) {
    std::vector<Scalar> scalars;
    for (const Metric& metric : metrics_of(row))
        if (!metric.tag.empty() && metric.value) scalars.push_back({metric.tag, *metric.value});
    return scalars_record(row.time, row.epoch, scalars);
}

std::string json_lines(const std::vector<EpochMetrics>& rows) {
    std::string text;
    for (const EpochMetrics& row : rows) text += json_line(row);
    return text;
}

std::string csv_lines(const std::vector<EpochMetrics>& rows) {
    std::string text = csv_header();
    for (const EpochMetrics& row : rows) text += csv_line(row);
    return text;
}

std::string event_records(const std::vector<EpochMetrics>& rows, std::int64_t begin) {
    std::string records = version_record(static_cast<double>(begin));
    for (const EpochMetrics& row : rows) records += event_record_of(row);
    return records;
}

std::vector<fs::path> event_files(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with(events_prefix) && name.ends_with(events_suffix)) files.push_back(entry.path());
    }
    return files;
}

// When the run began, in seconds since 1970, by the name of its event file.
std::int64_t begin_of(const fs::path& file) {
    const std::string name = file.filename().string();
    std::int64_t begin = 0;
    std::from_chars(name.data() + events_prefix.size(), name.data() + name.size(), begin);
    return begin;
}

// A run that goes on keeps its file, so that a TensorBoard that is watching stays with it. Another run takes a later
// name.
GrowingFile open_event_file(const fs::path& folder, const std::vector<EpochMetrics>& rows) {
    const std::vector<fs::path> older = event_files(folder);
    const std::int64_t newest = older.empty() ? 0 : begin_of(std::ranges::max(older));
    const bool goes_on = !rows.empty() && newest != 0;
    const std::int64_t begin = goes_on ? newest : std::max<std::int64_t>(std::time(nullptr), newest + 1);
    const fs::path name = folder / fmt::format("{}{:010}{}", events_prefix, begin, events_suffix);
    GrowingFile file(name, event_records(rows, begin));
    std::error_code ignored;
    for (const fs::path& old : older)
        if (old != name) fs::remove(old, ignored);
    return file;
}

}  // namespace

std::vector<EpochMetrics> read_metrics(const fs::path& file, int most) {
    std::istringstream lines(read_file(file));
    std::vector<EpochMetrics> rows;
    for (std::string line; static_cast<int>(rows.size()) < most && std::getline(lines, line) && !lines.eof();) {
        const std::string where = fmt::format("{}, line {}", file.string(), rows.size() + 1);
        rows.push_back(parse_json_line(line, where));
        if (rows.back().epoch != static_cast<int>(rows.size()) - 1)
            throw DataError(where, fmt::format("epoch {}", rows.size() - 1), fmt::format("{}", rows.back().epoch),
                            "The file was altered; begin the run anew");
    }
    return rows;
}

MetricsLog::MetricsLog(const fs::path& folder, int epochs_to_keep)
    : MetricsLog(folder, kept_rows(folder / json_name, epochs_to_keep)) {}

MetricsLog::MetricsLog(const fs::path& folder, const std::vector<EpochMetrics>& kept)
    : csv_(folder / csv_name, csv_lines(kept)),
      events_(open_event_file(folder, kept)),
      json_(folder / json_name, json_lines(kept)) {}

void MetricsLog::add(const EpochMetrics& row) {
    json_.append(json_line(row));
    csv_.append(csv_line(row));
    events_.append(event_record_of(row));
}

}  // namespace tapegrad
