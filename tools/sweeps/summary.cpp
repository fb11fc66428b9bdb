#include "tools/sweeps/summary.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "datasets/files.hpp"
#include "tools/common/output.hpp"
#include "tools/common/statistics.hpp"
#include "tools/configs/words.hpp"

namespace tapegrad {
namespace {

using nlohmann::json;

std::vector<double> values_of(const std::vector<const SweepResult*>& results, const char* key) {
    std::vector<double> values;
    for (const SweepResult* result : results) values.push_back(result->result.at(key));
    return values;
}

PointSummary summarise_point(const std::vector<const SweepResult*>& results) {
    const std::vector<double> test = values_of(results, "test_accuracy");
    const std::vector<double> validation = values_of(results, "val_accuracy");
    const auto best = std::ranges::max_element(validation) - validation.begin();
    PointSummary summary{.point = results[0]->run.point,
                         .runs = results.size(),
                         .test_mean = mean(test),
                         .validation_mean = mean(validation),
                         .deviation = {},
                         .interval = {},
                         .lowest = std::ranges::min(test),
                         .highest = std::ranges::max(test),
                         .best_run = results[static_cast<std::size_t>(best)]->run.name,
                         .median_epochs = quantile(values_of(results, "epochs"), 0.5),
                         .mean_seconds = mean(values_of(results, "train_seconds")),
                         .backends = {}};
    for (const SweepResult* result : results) summary.backends.insert(result->result.value("backend", "?"));
    if (results.size() > 1) {
        summary.deviation = standard_deviation(test);
        summary.interval = mean_interval(test);
    }
    return summary;
}

std::string percent(double fraction) { return fmt::format("{:.2f}", 100 * fraction); }

std::string point_in_words(const json& point) {
    std::string text;
    for (const auto& [key, value] : point.items())
        text += fmt::format("{}{}={}", text.empty() ? "" : ", ", key, as_typed(value));
    return text;
}

json to_json(const PointSummary& point) {
    return {{"point", point.point},
            {"runs", point.runs},
            {"test_accuracy_mean", point.test_mean},
            {"test_accuracy_sd", point.deviation ? json(*point.deviation) : json()},
            {"test_accuracy_interval",
             point.interval ? json::array({point.interval->lower, point.interval->upper}) : json()},
            {"test_accuracy_lowest", point.lowest},
            {"test_accuracy_highest", point.highest},
            {"val_accuracy_mean", point.validation_mean},
            {"best_run", point.best_run},
            {"epochs_median", point.median_epochs},
            {"train_seconds_mean", point.mean_seconds},
            {"backends", point.backends}};
}

// A row of the table.
std::vector<std::string> cells_of(const PointSummary& point, bool with_backends) {
    std::vector<std::string> cells;
    for (const auto& [key, value] : point.point.items()) cells.push_back(as_typed(value));
    const std::string interval =
        point.interval ? percent(point.interval->lower) + " to " + percent(point.interval->upper) : "-";
    for (const std::string& cell :
         {std::to_string(point.runs), percent(point.test_mean), point.deviation ? percent(*point.deviation) : "-",
          interval, percent(point.lowest), percent(point.highest), percent(point.validation_mean),
          fmt::format("{:.0f}", point.median_epochs), fmt::format("{:.2f}", point.mean_seconds)})
        cells.push_back(cell);
    if (with_backends) cells.push_back(fmt::format("{}", fmt::join(point.backends, ", ")));
    return cells;
}

// A field of a CSV file (RFC 4180).
std::string csv_field(const std::string& text) {
    if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

std::string csv_of(const std::vector<SweepResult>& results) {
    constexpr const char* columns[] = {"test_accuracy", "val_accuracy", "best_epoch", "epochs", "train_seconds"};
    std::string text = "run";
    for (const auto& [key, value] : results[0].run.point.items()) text += "," + csv_field(key);
    text += ",seed";
    for (const char* column : columns) text += fmt::format(",{}", column);
    text += ",error\n";
    for (const SweepResult& result : results) {
        text += csv_field(result.run.name);
        for (const auto& [key, value] : result.run.point.items()) text += "," + csv_field(as_typed(value));
        text += fmt::format(",{}", result.run.seed);
        for (const char* column : columns)
            text += "," + (result.result.is_null() ? std::string() : result.result.at(column).dump());
        text += "," + csv_field(result.error) + "\n";
    }
    return text;
}

}  // namespace

std::vector<PointSummary> summarise(const std::vector<SweepResult>& results) {
    std::vector<json> points;  // in the order of the runs
    std::map<json, std::vector<const SweepResult*>> of_point;
    for (const SweepResult& result : results) {
        if (result.result.is_null()) continue;
        if (!of_point.contains(result.run.point)) points.push_back(result.run.point);
        of_point[result.run.point].push_back(&result);
    }
    std::vector<PointSummary> summaries;
    for (const json& point : points) summaries.push_back(summarise_point(of_point[point]));
    return summaries;
}

std::string to_text(const std::vector<PointSummary>& points) {
    if (points.empty()) return "";
    const bool several_backends = backends_of(points).size() > 1;
    std::vector<std::string> header;
    for (const auto& [key, value] : points[0].point.items()) header.push_back(key);
    for (const char* column : {"runs", "test accuracy, %", "sd", "95 % interval", "lowest", "highest",
                               "val accuracy, %", "epochs", "seconds"})
        header.emplace_back(column);
    if (several_backends) header.emplace_back("backend");
    Table table(header);
    for (const PointSummary& point : points) table.add(cells_of(point, several_backends));

    const PointSummary& best = *std::ranges::max_element(points, {}, &PointSummary::validation_mean);
    if (points.size() == 1) return table.text() + fmt::format("Best run by validation accuracy: {}\n", best.best_run);
    return table.text() + fmt::format(
                              "Best by mean validation accuracy: {}, whose test accuracy is {} %.\n"
                              "Its best run by validation accuracy: {}\n",
                              point_in_words(best.point), percent(best.test_mean), best.best_run);
}

std::set<std::string> backends_of(const std::vector<PointSummary>& points) {
    std::set<std::string> backends;
    for (const PointSummary& point : points) backends.insert(point.backends.begin(), point.backends.end());
    return backends;
}

std::vector<std::string> error_lines(const std::vector<SweepResult>& results) {
    std::vector<const SweepResult*> first;  // of those that failed alike
    std::map<std::string, std::size_t> count;
    for (const SweepResult& result : results)
        if (!result.error.empty() && ++count[result.error] == 1) first.push_back(&result);
    std::vector<std::string> lines;
    for (const SweepResult* result : first) {
        const std::size_t others = count[result->error] - 1;
        lines.push_back(fmt::format("{}{}: {}", result->run.name, others > 0 ? fmt::format(" and {} more", others) : "",
                                    result->error));
    }
    return lines;
}

void write_summary(const std::filesystem::path& folder, const std::vector<SweepResult>& results) {
    json runs = json::array(), points = json::array();
    for (const SweepResult& result : results)
        runs.push_back({{"name", result.run.name},
                        {"point", result.run.point},
                        {"seed", result.run.seed},
                        {"result", result.result},
                        {"error", result.error}});
    for (const PointSummary& point : summarise(results)) points.push_back(to_json(point));
    const json content{{"points", points}, {"runs", runs}};
    write_file(folder / "sweep.json", content.dump(4, ' ', false, json::error_handler_t::replace) + "\n");
    write_file(folder / "sweep.csv", csv_of(results));
}

}  // namespace tapegrad
