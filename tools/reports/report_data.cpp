#include "tools/reports/report_data.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "autograd/errors.hpp"
#include "autograd/version.hpp"
#include "datasets/files.hpp"
#include "tools/common/foreign_json.hpp"
#include "tools/reports/attention_entropy.hpp"
#include "tools/reports/evaluation.hpp"
#include "tools/reports/model_analysis.hpp"
#include "tools/reports/packed_array.hpp"
#include "tools/reports/step_trace.hpp"
#include "tools/training/metrics_log.hpp"
#include "tools/training/predictions.hpp"

namespace tapegrad {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// A page with more takes a browser too long.
constexpr std::int64_t most_nodes = 100'000, most_edges = 1'000'000, most_coefficients = 4'000'000;

bool shows_nodes(const ModelAnalysis& analysis) { return analysis.nodes <= most_nodes; }
bool shows_edges(const ModelAnalysis& analysis) {
    return shows_nodes(analysis) && static_cast<std::int64_t>(analysis.edges.sources.size()) <= most_edges;
}

// An object that tools/train wrote. Its values are written by recursion, so their depth has a bound.
json read_object(const fs::path& file) {
    const auto fault = [&](const std::string& what) {
        return DataError(file.string(), "the JSON object that tools/train wrote", what,
                         "Train anew, or restore the file");
    };
    try {
        json object = parse_foreign_json(read_file(file));
        if (object.is_object()) return object;
    } catch (const json::exception& error) {
        throw fault(error.what());
    }
    throw fault("another value");
}

json metrics_json(const std::vector<EpochMetrics>& rows) {
    json metrics = json::array();
    for (const EpochMetrics& row : rows) metrics.push_back(json::parse(json_line(row)));
    return metrics;
}

void add_files(json& report, const fs::path& folder) {
    std::error_code error;
    const auto has = [&](const char* file) { return fs::is_regular_file(folder / file, error); };
    for (const std::string name : {"run", "result"})
        if (const std::string file = name + ".json"; has(file.c_str())) report[name] = read_object(folder / file);
    if (has("metrics.jsonl")) report["metrics"] = metrics_json(read_metrics(folder / "metrics.jsonl"));
    if (report.contains("result") && report["result"].contains("best_epoch"))
        report["best_epoch"] = report["result"]["best_epoch"];
}

std::vector<std::uint8_t> splits_of(const Dataset& dataset) {
    std::vector<std::uint8_t> splits(static_cast<std::size_t>(dataset.nodes));
    std::uint8_t number = 0;
    for (const auto* nodes : {&dataset.train, &dataset.validation, &dataset.test}) {
        ++number;
        for (const std::int32_t node : *nodes) splits[static_cast<std::size_t>(node)] = number;
    }
    return splits;
}

json nodes_json(const Dataset& dataset, const ModelAnalysis& analysis) {
    const std::int64_t nodes = analysis.nodes;
    return {{"count", nodes},
            {"names", dataset.node_names},
            {"label", packed_small(dataset.labels, {nodes})},
            {"predicted", packed_small(analysis.predicted, {nodes})},
            {"split", packed(splits_of(dataset), {nodes})},
            {"probabilities", packed_fractions(analysis.probabilities, {nodes, analysis.classes})}};
}

json optional_number(const std::optional<double>& number) { return number ? json(*number) : json(); }

json evaluation_json(const Evaluation& evaluation, const std::vector<std::string>& class_names) {
    json classes = json::array(), bins = json::array();
    for (std::size_t c = 0; c < evaluation.classes.size(); ++c) {
        const ClassScore& score = evaluation.classes[c];
        classes.push_back({{"class", class_names[c]},
                           {"support", score.support},
                           {"precision", optional_number(score.precision)},
                           {"recall", optional_number(score.recall)},
                           {"f1", optional_number(score.f1)}});
    }
    for (const CalibrationBin& bin : evaluation.bins)
        bins.push_back({{"from", bin.from},
                        {"to", bin.to},
                        {"count", bin.count},
                        {"confidence", bin.confidence},
                        {"accuracy", bin.accuracy}});
    return {{"confusion", evaluation.confusion},
            {"per_class", classes},
            {"accuracy", evaluation.accuracy},
            {"loss", evaluation.loss},
            {"calibration", {{"bins", bins}, {"expected_calibration_error", evaluation.expected_calibration_error}}}};
}

json evaluations_json(const Dataset& dataset, const ModelAnalysis& analysis) {
    json result = json::object();
    const auto add = [&](const char* split, const std::vector<std::int32_t>& nodes) {
        if (nodes.empty()) return;
        result[split] = evaluation_json(evaluate_nodes(analysis.logits, analysis.classes, dataset.labels, nodes),
                                        dataset.class_names);
    };
    add("train", dataset.train);
    add("val", dataset.validation);
    add("test", dataset.test);
    return result;
}

json edges_json(const EdgesByTarget& edges) {
    const auto length = [](const auto& list) { return std::vector{static_cast<std::int64_t>(list.size())}; };
    return {{"offsets", packed(edges.offsets, length(edges.offsets))},
            {"sources", packed(edges.sources, length(edges.sources))}};
}

json attention_json(const EdgeWeights& attention, const ModelAnalysis& analysis, const std::string& type) {
    const EntropyHistograms histograms = entropy_histograms(analysis.edges, attention);
    json result{{"layer", attention.layer},
                {"type", type},
                {"heads", attention.heads},
                {"entropy", {{"bins", histograms.bins}, {"uniform", histograms.uniform}, {"heads", histograms.heads}}},
                {"mean_entropy", histograms.means},
                {"mean_uniform_entropy", histograms.mean_uniform}};
    if (!shows_edges(analysis)) return result;
    const auto edges = static_cast<std::int64_t>(analysis.edges.sources.size());
    if (edges * attention.heads <= most_coefficients) {
        result["weights"] = packed_fractions(attention.weights, {edges, attention.heads});
    } else {
        std::vector<float> means;
        for (std::int64_t edge = 0; edge < edges; ++edge) means.push_back(static_cast<float>(attention.mean(edge)));
        result["weights"] = packed_fractions(means, {edges, 1});
        result["mean_over_heads"] = true;
    }
    return result;
}

json attentions_json(const ModelAnalysis& analysis, const json& layers) {
    json result = json::array();
    for (const EdgeWeights& attention : analysis.attention)
        result.push_back(attention_json(attention, analysis, layers.at(std::stoul(attention.layer)).at("type")));
    return result;
}

json embedding_json(const ModelAnalysis& analysis, MapMethod method) {
    const EmbeddingMap map = map_embedding(analysis.embedding, method);
    const auto count = static_cast<std::int64_t>(map.x.size());
    json result{{"method", method == MapMethod::pca ? "PCA" : "t-SNE"},
                {"of", analysis.embedding.of},
                {"x", packed(map.x, {count})},
                {"y", packed(map.y, {count})}};
    if (map.explained) result["explained"] = *map.explained;
    if (!map.nodes.empty()) result["nodes"] = packed(map.nodes, {count});
    return result;
}

}  // namespace

json report_data(const ReportInputs& inputs) {
    const Dataset& dataset = inputs.dataset;
    const ModelAnalysis analysis = analyse(inputs.model, inputs.data);
    check_finite(analysis.logits, dataset, inputs.folder);
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    json report{{"title", (fs::absolute(inputs.folder).lexically_normal() / "").parent_path().filename().string()},
                {"version", version},
                {"created", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now))},
                {"config", inputs.config},
                {"classes", dataset.class_names},
                {"evaluation", evaluations_json(dataset, analysis)}};
    add_files(report, inputs.folder);
    if (shows_nodes(analysis)) {
        report["nodes"] = nodes_json(dataset, analysis);
        report["embedding"] = embedding_json(analysis, inputs.map);
    }
    if (shows_edges(analysis)) report["edges"] = edges_json(analysis.edges);
    if (!analysis.attention.empty()) report["attention"] = attentions_json(analysis, inputs.config.at("model"));
    const StepTrace trace = trace_training_steps(inputs.model, inputs.data, inputs.config);
    report["tape"] = {{"nodes", json::parse(to_json(trace.tape))}};
    report["ops"] = to_json(trace.steps);
    return report;
}

}  // namespace tapegrad
