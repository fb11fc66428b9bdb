#include "tools/training/predictions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "autograd/edit_distance.hpp"
#include "autograd/errors.hpp"
#include "datasets/text_lines.hpp"
#include "tools/common/share_folder.hpp"
#include "tools/training/graph_data.hpp"

namespace tapegrad {
namespace {

std::vector<std::int32_t> all_nodes(const Dataset& dataset) {
    std::vector<std::int32_t> nodes(static_cast<std::size_t>(dataset.nodes));
    std::iota(nodes.begin(), nodes.end(), 0);
    return nodes;
}

// A string as JSON; bytes that are not UTF-8 become U+FFFD.
std::string quoted(const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

const std::vector<float>& chosen(const Predictions& predictions, PredictedNumbers numbers) {
    return numbers == PredictedNumbers::logits ? predictions.logits : predictions.probabilities;
}

}  // namespace

void check_finite(std::span<const float> logits, const Dataset& dataset, const std::filesystem::path& weights) {
    const auto found = std::ranges::find_if_not(logits, [](float logit) { return std::isfinite(logit); });
    if (found == logits.end()) return;
    const std::size_t classes = logits.size() / static_cast<std::size_t>(dataset.nodes);
    const std::size_t node = static_cast<std::size_t>(found - logits.begin()) / classes;
    throw DataError(fmt::format("prediction of node {}", quote(dataset.node_names[node])), "finite logits",
                    fmt::format("{}", *found),
                    fmt::format("Look at the weights: {} show {}", tool_command("weights"), weights.string()));
}

std::vector<double> softmax(std::span<const float> logits) {
    const double largest = *std::ranges::max_element(logits);
    std::vector<double> exponentials;
    for (const float logit : logits) exponentials.push_back(std::exp(logit - largest));
    const double sum = std::accumulate(exponentials.begin(), exponentials.end(), 0.0);
    for (double& value : exponentials) value /= sum;
    return exponentials;
}

Predictions predict(const TrainedRun& run, const Dataset& dataset) {
    const GraphInput input = prepare_graph_input(dataset, run.config.at("dataset"), run.backend);
    const Value output = run.model->forward(input.features, {.graph = &input.graph});
    Predictions predictions{run.class_names, {}, dense_input("prediction", output).values<float>(), {}};
    check_finite(predictions.logits, dataset, run.weights);
    for (std::int32_t node = 0; node < dataset.nodes; ++node) {
        const std::span<const float> logits = predictions.row(predictions.logits, node);
        predictions.classes.push_back(static_cast<std::int32_t>(std::ranges::max_element(logits) - logits.begin()));
        for (const double probability : softmax(logits))
            predictions.probabilities.push_back(static_cast<float>(probability));
    }
    return predictions;
}

std::vector<std::int32_t> labels_of_model(const Dataset& dataset, const std::vector<std::string>& class_names) {
    std::vector<std::int32_t> number_of_class;
    for (const std::string& name : dataset.class_names) {
        const auto found = std::ranges::find(class_names, name);
        if (found == class_names.end())
            throw ConfigError(fmt::format("classes of data set {}", dataset.name),
                              fmt::format("classes of the model: {}", fmt::join(class_names, ", ")),
                              fmt::format("'{}'", name),
                              fmt::format("Call it as the model does, where the nearest is '{}', or leave labels and "
                                          "classes out",
                                          nearest(name, class_names)));
        number_of_class.push_back(static_cast<std::int32_t>(found - class_names.begin()));
    }
    std::vector<std::int32_t> labels;
    for (const std::int32_t label : dataset.labels)
        labels.push_back(label == unlabelled ? unlabelled : number_of_class[label]);
    return labels;
}

std::string accuracy_in_words(const Dataset& dataset, const Predictions& predictions,
                              std::span<const std::int32_t> labels) {
    std::vector<std::string> parts;
    const auto add = [&](const std::vector<std::int32_t>& nodes, const char* which) {
        int known = 0, right = 0;
        for (const std::int32_t node : nodes) {
            known += labels[node] != unlabelled;
            right += labels[node] == predictions.classes[node];
        }
        if (known > 0)
            parts.push_back(fmt::format("{:.4f} of {} {}", static_cast<double>(right) / known, known, which));
    };
    add(dataset.train, "training nodes");
    add(dataset.validation, "validation nodes");
    add(dataset.test, "test nodes");
    add(all_nodes(dataset), "nodes with a label");
    return parts.empty() ? "" : fmt::format("accuracy {}", fmt::join(parts, ", "));
}

std::string to_tsv(const Dataset& dataset, const Predictions& predictions, std::span<const std::int32_t> nodes,
                   PredictedNumbers numbers) {
    for (const std::string& name : predictions.class_names)
        if (name.find('\t') != std::string::npos)
            throw ConfigError(fmt::format("class '{}'", name), "a name that can head a column", "one with a tab",
                              "Ask for --format jsonl, or rename the class");
    std::string text = fmt::format("node\tpredicted\tprobability\t{}\n", fmt::join(predictions.class_names, "\t"));
    for (const std::int32_t node : nodes) {
        const auto predicted = static_cast<std::size_t>(predictions.classes[node]);
        text += fmt::format("{}\t{}\t{}\t{}\n", dataset.node_names[node], predictions.class_names[predicted],
                            predictions.row(predictions.probabilities, node)[predicted],
                            fmt::join(predictions.row(chosen(predictions, numbers), node), "\t"));
    }
    return text;
}

std::string to_json_lines(const Dataset& dataset, const Predictions& predictions, std::span<const std::int32_t> nodes,
                          PredictedNumbers numbers) {
    std::vector<std::string> keys;
    for (const std::string& name : predictions.class_names) keys.push_back(quoted(name));
    std::string text;
    for (const std::int32_t node : nodes) {
        const auto predicted = static_cast<std::size_t>(predictions.classes[node]);
        const std::span<const float> row = predictions.row(chosen(predictions, numbers), node);
        std::vector<std::string> entries;
        for (std::size_t i = 0; i < keys.size(); ++i) entries.push_back(fmt::format("{}: {}", keys[i], row[i]));
        text += fmt::format(R"({{"node": {}, "predicted": {}, "probability": {}, "{}": {{{}}}}})"
                            "\n",
                            quoted(dataset.node_names[node]), keys[predicted],
                            predictions.row(predictions.probabilities, node)[predicted],
                            numbers == PredictedNumbers::logits ? "logits" : "probabilities", fmt::join(entries, ", "));
    }
    return text;
}

}  // namespace tapegrad
