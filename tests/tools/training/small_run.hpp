// A small run for the tests of training: six nodes in two classes.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backends/loader.hpp"
#include "tools/configs/config.hpp"
#include "tools/training/model.hpp"
#include "tools/training/trainer.hpp"

namespace tapegrad::testing {

// One for all, so that a state may go from run to run.
inline const BackendPtr& reference() {
    static const BackendPtr backend = open_backend(TAPEGRAD_BINARY_DIR "/lib/libtapegrad_backend_reference.so");
    return backend;
}

// Six nodes in two classes; word 0 marks class a, word 1 class b, word 2 is common. Two chains of citations, one of
// which has a double and a self loop.
inline Dataset two_classes() {
    Dataset dataset;
    dataset.name = "two classes";
    dataset.nodes = 6;
    dataset.features = {.rows = 6,
                        .columns = 3,
                        .row_offsets = {0, 2, 4, 6, 8, 10, 12},
                        .column_index = {0, 2, 0, 2, 0, 2, 1, 2, 1, 2, 1, 2},
                        .values = {1, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}};
    dataset.labels = {0, 0, 0, 1, 1, 1};
    dataset.class_names = {"a", "b"};
    dataset.node_names = {"0", "1", "2", "3", "4", "5"};
    dataset.edges = {{0, 1}, {1, 2}, {0, 1}, {0, 0}, {3, 4}, {4, 5}};
    dataset.train = {0, 3};
    dataset.validation = {1, 4};
    dataset.test = {2, 5};
    return dataset;
}

// The validation nodes contradict the others, so that early stopping has something to stop.
inline Dataset contradicting() {
    Dataset dataset = two_classes();
    std::swap(dataset.labels[1], dataset.labels[4]);
    return dataset;
}

// A complete config: gcn, relu, gcn with dropout before them.
inline nlohmann::json complete(const std::vector<std::string>& assignments = {}) {
    nlohmann::json config = nlohmann::json::parse(R"({"dataset": {"name": "none"}, "optimizer": {"learning_rate": 0.05},
        "training": {"epochs": 40},
        "model": [{"type": "dropout", "p": 0.5}, {"type": "gcn", "out_features": 8}, {"type": "relu"},
                  {"type": "gcn", "out_features": "classes"}]})");
    for (const std::string& assignment : assignments) set_value(config, assignment);
    complete_config(config, "test");
    return config;
}

// Everything that a config describes, for the data set above.
struct Run {
    explicit Run(const nlohmann::json& config, const Dataset& dataset = two_classes(), BackendPtr on = reference())
        : backend(std::move(on)),
          data(prepare_graph_data(dataset, config.at("dataset"), backend)),
          model(build_model(config.at("model"), {data.feature_count, data.classes}, backend, config.at("seed"))),
          optimizer(build_optimizer(config.at("optimizer"), config.at("model"), *model)),
          options(training_options(config.at("training"), config.at("seed"))) {}

    TrainingResult train() {
        return tapegrad::train(*model, *optimizer, data, options,
                               [&](const EpochReport& report) { reports.push_back(report); });
    }
    std::vector<double> weights() const {
        std::vector<double> all;
        for (const auto& [name, parameter] : model->parameters())
            for (const double weight : parameter.values<double>()) all.push_back(weight);
        return all;
    }

    BackendPtr backend;
    GraphData data;
    std::shared_ptr<Module> model;
    std::unique_ptr<Optimizer> optimizer;
    TrainingOptions options;
    std::vector<EpochReport> reports;
};

inline Trainer trainer_of(Run& run) { return Trainer(*run.model, *run.optimizer, run.data, run.options); }

}  // namespace tapegrad::testing
