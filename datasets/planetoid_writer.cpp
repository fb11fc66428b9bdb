#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <vector>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "datasets/numpy_pickle.hpp"
#include "datasets/planetoid.hpp"
#include "datasets/transforms.hpp"

namespace tapegrad {
namespace {

[[noreturn]] void cannot_hold(const Dataset& dataset, const std::string& expected, const std::string& got) {
    throw DataError("write_planetoid, " + dataset.name, expected, got,
                    "Sort the nodes that way, or write the text form, which holds any data set");
}

std::string node_in_words(const Dataset& dataset, std::int64_t node) {
    return fmt::format("node {} ({})", node, dataset.node_names[node]);
}

/// Throws unless `nodes` are the numbers from `first` on.
void expect_consecutive(const Dataset& dataset, const std::vector<std::int32_t>& nodes, std::int64_t first,
                        const char* split) {
    for (std::size_t i = 0; i < nodes.size(); ++i)
        if (nodes[i] != first + static_cast<std::int64_t>(i))
            cannot_hold(dataset, fmt::format("node {} in the {} split", first + static_cast<std::int64_t>(i), split),
                        node_in_words(dataset, nodes[i]));
}

/// The form says nothing of this: it follows from the order of the nodes.
void check_order(const Dataset& dataset) {
    if (dataset.train.empty() || dataset.test.empty())
        cannot_hold(dataset, "training and test nodes", dataset.train.empty() ? "no training nodes" : "no test nodes");
    const std::int64_t first_test = dataset.test.front();
    expect_consecutive(dataset, dataset.train, 0, "training");
    expect_consecutive(dataset, dataset.validation, std::ssize(dataset.train), "validation");
    const std::int64_t validation =
        std::min<std::int64_t>(planetoid_validation_nodes, first_test - std::ssize(dataset.train));
    if (std::ssize(dataset.validation) != validation)
        cannot_hold(dataset,
                    fmt::format("{} validation nodes, as many as there are before the test nodes, at most {}",
                                validation, planetoid_validation_nodes),
                    std::to_string(dataset.validation.size()));
    if (dataset.test.back() != dataset.nodes - 1)
        cannot_hold(dataset, "a test node at the end", node_in_words(dataset, dataset.nodes - 1));
    for (std::int64_t node = 0; node < first_test; ++node)
        if (dataset.labels[node] == unlabelled)
            cannot_hold(dataset, "a label for each node before the test nodes", node_in_words(dataset, node));
    for (std::int64_t node = first_test; node < dataset.nodes; ++node) {
        if (std::ranges::binary_search(dataset.test, node)) continue;
        const bool has_features = dataset.features.row_offsets[node] != dataset.features.row_offsets[node + 1];
        if (has_features || dataset.labels[node] != unlabelled)
            cannot_hold(dataset, "no label and no features of a node among the test nodes that is none of them",
                        node_in_words(dataset, node));
    }
}

/// Features and labels of nodes, as the two files that hold them.
void write_rows(const Dataset& dataset, const std::vector<std::int32_t>& nodes, const std::filesystem::path& x,
                const std::filesystem::path& y) {
    SparseRows features{0, dataset.features.columns, {0}, {}, {}};
    IntMatrix one_hot{std::ssize(nodes), std::ssize(dataset.class_names), {}};
    one_hot.values.resize(static_cast<std::size_t>(one_hot.rows * one_hot.columns));
    for (std::size_t row = 0; row < nodes.size(); ++row) {
        const std::int32_t node = nodes[row];
        for (std::int32_t i = dataset.features.row_offsets[node]; i < dataset.features.row_offsets[node + 1]; ++i) {
            features.column_index.push_back(dataset.features.column_index[i]);
            features.values.push_back(dataset.features.values[i]);
        }
        features.end_row();
        one_hot.values[row * dataset.class_names.size() + static_cast<std::size_t>(dataset.labels[node])] = 1;
    }
    write_file(x, pickled(features));
    write_file(y, pickled(one_hot));
}

/// The edges as they are if every reverse is there, else both directions of each pair once.
std::vector<Edge> both_directions(const std::vector<Edge>& edges) {
    const std::vector<Edge> once = merge_duplicates(edges);
    std::vector<Edge> both = merge_duplicates(symmetrise(edges));
    return once.size() == both.size() ? edges : both;
}

}  // namespace

void write_planetoid(const Dataset& dataset, const std::filesystem::path& folder) {
    check(dataset, "write_planetoid, " + dataset.name);
    check_order(dataset);
    std::error_code ignored;  // write_file says what is wrong with the folder
    std::filesystem::create_directories(folder, ignored);
    const auto file = [&](const char* part) { return folder / fmt::format("ind.{}.{}", dataset.name, part); };

    std::vector<std::int32_t> before_test(static_cast<std::size_t>(dataset.test.front()));
    for (std::size_t node = 0; node < before_test.size(); ++node) before_test[node] = static_cast<std::int32_t>(node);
    write_rows(dataset, dataset.train, file("x"), file("y"));
    write_rows(dataset, dataset.test, file("tx"), file("ty"));
    write_rows(dataset, before_test, file("allx"), file("ally"));

    std::vector<std::vector<std::int32_t>> neighbours(static_cast<std::size_t>(dataset.nodes));
    for (const auto& [source, target] : both_directions(dataset.edges)) neighbours[target].push_back(source);
    write_file(file("graph"), pickled(neighbours));
    write_file(file("test.index"), fmt::format("{}\n", fmt::join(dataset.test, "\n")));
}

}  // namespace tapegrad
