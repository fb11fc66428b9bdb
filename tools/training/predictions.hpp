// What a trained model says about the nodes of a graph.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "datasets/dataset.hpp"
#include "tools/training/trained_run.hpp"

namespace tapegrad {

/// A row of numbers a node, in the order of the model's classes.
struct Predictions {
    std::vector<std::string> class_names;
    std::vector<std::int32_t> classes;  ///< [nodes]: the one with the largest logit, the first of equal ones
    std::vector<float> logits;          ///< [nodes, classes]
    std::vector<float> probabilities;   ///< [nodes, classes]: the softmax of the logits, computed in double

    std::span<const float> row(const std::vector<float>& values, std::int32_t node) const {
        return std::span(values).subspan(static_cast<std::size_t>(node) * class_names.size(), class_names.size());
    }
};

/// Throws DataError that names the first node with a logit that is not finite in `logits` [nodes, classes]; `weights`,
/// a file or the folder of a run, is what the error says to look at.
void check_finite(std::span<const float> logits, const Dataset& dataset, const std::filesystem::path& weights);

/// softmax(x)_c = exp(x_c - max x) / sum_k exp(x_k - max x), so that no logit is too large.
std::vector<double> softmax(std::span<const float> logits);

/// One forward pass without dropout over a graph with the model's features, prepared as the run's config says. Throws
/// DataError that names the node when a logit is not finite.
Predictions predict(const TrainedRun& run, const Dataset& dataset);

/// The labels of a data set as the model numbers its classes: by name, in whatever order the data set has them. Throws
/// ConfigError for a class that the model does not know.
std::vector<std::int32_t> labels_of_model(const Dataset& dataset, const std::vector<std::string>& class_names);

/// "accuracy 0.8310 of 1000 test nodes, ..." for the splits and for all that have a label; empty when none has one.
std::string accuracy_in_words(const Dataset& dataset, const Predictions& predictions,
                              std::span<const std::int32_t> labels);

/// What the columns of the classes hold.
enum class PredictedNumbers { probabilities, logits };

/// A table with a header: node, predicted, probability, then a column a class. Throws ConfigError for a class name with
/// a tab. Numbers have as few digits as give back the same f32.
std::string to_tsv(const Dataset& dataset, const Predictions& predictions, std::span<const std::int32_t> nodes,
                   PredictedNumbers numbers);

/// An object a line: "node", "predicted", "probability", and "probabilities" (or "logits") with a key a class.
std::string to_json_lines(const Dataset& dataset, const Predictions& predictions, std::span<const std::int32_t> nodes,
                          PredictedNumbers numbers);

}  // namespace tapegrad
