// What the tests of reports share: a graph of six nodes, a model on it, and arrays unpacked again.
#pragma once

#include <boost/test/unit_test.hpp>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backends/loader.hpp"
#include "tools/configs/config.hpp"
#include "tools/training/graph_data.hpp"
#include "tools/training/model.hpp"

namespace tapegrad::testing {

/// Nodes "n0" to "n5" in a ring, three words each, classes "a" and "b". Nodes 0 and 1 train, 2 and 3 validate, 4 tests;
/// node 5 has no label.
inline Dataset ring_of_six() {
    Dataset dataset;
    dataset.name = "ring";
    dataset.nodes = 6;
    dataset.features = {.columns = 4};
    for (std::int32_t node = 0; node < 6; ++node) {
        for (std::int32_t column = 0; column < 4; ++column) {
            if (column == node % 4) continue;
            dataset.features.column_index.push_back(column);
            dataset.features.values.push_back(static_cast<float>(1 + node));
        }
        dataset.features.end_row();
        dataset.node_names.push_back("n" + std::to_string(node));
        dataset.edges.push_back({node, (node + 1) % 6});
    }
    dataset.class_names = {"a", "b"};
    dataset.labels = {0, 1, 0, 1, 0, unlabelled};
    dataset.train = {0, 1};
    dataset.validation = {2, 3};
    dataset.test = {4};
    return dataset;
}

inline const char* const gat_layers_json = R"([{"type": "gat", "out_features": 2, "heads": 3, "dropout": 0.5},
    {"type": "elu"}, {"type": "gat", "out_features": "classes"}])";

/// A complete config, the graph prepared as it says, and its model with initial weights.
struct PreparedRun {
    explicit PreparedRun(const std::string& layers = gat_layers_json) {
        config["model"] = nlohmann::json::parse(layers);
        config["dataset"]["name"] = "ring";
        config["optimizer"]["type"] = "adam";
        complete_config(config, "test");
        data.emplace(prepare_graph_data(dataset, config.at("dataset"), backend));
        model = build_model(config.at("model"), {data->feature_count, data->classes}, backend, 1);
    }

    Dataset dataset = ring_of_six();
    nlohmann::json config;
    BackendPtr backend = open_backend("reference", 1);
    std::optional<GraphData> data;
    std::shared_ptr<Sequential> model;
};

/// The numbers in a packed array of a report, whose type has to be that of T; base64 by a table of its own.
template <typename T>
std::vector<T> unpacked(const nlohmann::json& array) {
    const std::string text = array.at("data");
    std::string bytes;
    unsigned bits = 0, held = 0;
    for (const char c : text) {
        if (c == '=') break;
        const unsigned digit = c >= 'a'   ? static_cast<unsigned>(c - 'a' + 26)
                               : c >= 'A' ? static_cast<unsigned>(c - 'A')
                               : c >= '0' ? static_cast<unsigned>(c - '0' + 52)
                               : c == '+' ? 62U
                                          : 63U;
        bits = bits << 6 | digit;
        if ((held += 6) >= 8) bytes += static_cast<char>(bits >> (held -= 8) & 255);
    }
    std::vector<T> values(bytes.size() / sizeof(T));
    std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
    std::int64_t count = 1;
    for (const std::int64_t extent : array.at("shape")) count *= extent;
    BOOST_REQUIRE_EQUAL(values.size(), static_cast<std::size_t>(count));
    BOOST_REQUIRE_EQUAL(array.at("type").get<std::string>().substr(1), std::to_string(8 * sizeof(T)));
    return values;
}

}  // namespace tapegrad::testing
