#include "tools/training/epoch_metrics.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include "autograd/errors.hpp"
#include "datasets/text_lines.hpp"
#include "tools/common/foreign_json.hpp"

namespace tapegrad {
namespace {

std::optional<double> optional_number(const nlohmann::json& row, const char* key) {
    const auto entry = row.find(key);
    if (entry == row.end() || entry->is_null()) return std::nullopt;
    return entry->get<double>();
}

double number(const nlohmann::json& row, const char* key) {
    const nlohmann::json& entry = row.at(key);
    return entry.is_null() ? std::numeric_limits<double>::quiet_NaN() : entry.get<double>();
}

}  // namespace

std::array<Metric, 6> metrics_of(const EpochMetrics& row) {
    return {{{"train_loss", "loss/train", row.train_loss},
             {"train_accuracy", "accuracy/train", row.train_accuracy},
             {"val_loss", "loss/validation", row.val_loss},
             {"val_accuracy", "accuracy/validation", row.val_accuracy},
             {"seconds", "seconds/step", row.seconds},
             {"time", "", row.time}}};
}

std::string json_line(const EpochMetrics& row) {
    std::string line = fmt::format("{{\"epoch\":{}", row.epoch);
    for (const Metric& metric : metrics_of(row)) {
        fmt::format_to(std::back_inserter(line), ",\"{}\":", metric.name);
        if (metric.value && std::isfinite(*metric.value))
            fmt::format_to(std::back_inserter(line), "{}", *metric.value + 0.0);  // -0 would be read as an integer
        else
            line += "null";
    }
    return line + "}\n";
}

EpochMetrics parse_json_line(const std::string& line, const std::string& where) {
    const auto refuse = [&](const std::exception& fault) -> DataError {
        return {where, "the metrics of an epoch", fmt::format("{}: {}", quote(line), fault.what()),
                "The file was altered; begin the run anew"};
    };
    try {
        const nlohmann::json row = parse_foreign_json(line);
        return {.epoch = whole_number<int>(row, "epoch"),
                .train_loss = number(row, "train_loss"),
                .train_accuracy = optional_number(row, "train_accuracy"),
                .val_loss = optional_number(row, "val_loss"),
                .val_accuracy = optional_number(row, "val_accuracy"),
                .seconds = number(row, "seconds"),
                .time = number(row, "time")};
    } catch (const nlohmann::json::exception& fault) {
        throw refuse(fault);
    }
}

std::string csv_header() {
    std::string line = "epoch";
    for (const Metric& metric : metrics_of({})) fmt::format_to(std::back_inserter(line), ",{}", metric.name);
    return line + "\n";
}

std::string csv_line(const EpochMetrics& row) {
    std::string line = fmt::format("{}", row.epoch);
    for (const Metric& metric : metrics_of(row)) {
        line += ',';
        if (metric.value) fmt::format_to(std::back_inserter(line), "{}", *metric.value);
    }
    return line + "\n";
}

}  // namespace tapegrad
