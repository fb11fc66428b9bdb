#include "datasets/dataset.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string_view>
#include <unordered_set>

#include "autograd/errors.hpp"

namespace tapegrad {
namespace {

void check_length(std::size_t length, std::int64_t expected, std::string_view array, const std::string& where) {
    if (static_cast<std::int64_t>(length) != expected)
        throw DataError(where, fmt::format("{} entries in {}", expected, array), std::to_string(length),
                        "Make the arrays fit together");
}

[[noreturn]] void bad_index(const std::string& what, std::int64_t first, std::int64_t end, std::int64_t index,
                            const std::string& where) {
    throw IndexError(where, fmt::format("{} from {} to {}", what, first, end - 1), std::to_string(index),
                     "Correct the number, or the count it is checked against");
}

void check_different(const std::vector<std::string>& names, std::string_view what, const std::string& where) {
    std::unordered_set<std::string_view> seen(names.size());
    for (const std::string& name : names)
        if (!seen.insert(name).second)
            throw DataError(where, fmt::format("every {} once", what), fmt::format("'{}' twice", name),
                            "Rename or remove one of them");
}

void check_row(const SparseRows& features, std::int64_t row, const std::string& where) {
    std::int64_t previous = -1;
    for (std::int32_t entry = features.row_offsets[row]; entry < features.row_offsets[row + 1]; ++entry) {
        const std::int32_t column = features.column_index[entry];
        const auto place = [&] { return fmt::format("{}, node {}, feature {}", where, row, column); };
        if (column < 0 || column >= features.columns)
            bad_index("a feature number", 0, features.columns, column, fmt::format("{}, node {}", where, row));
        if (column <= previous)
            throw DataError(place(), "features of a node in ascending order, each once",
                            fmt::format("{} after {}", column, previous), "Sort them and merge the doubles");
        if (!std::isfinite(features.values[entry]))
            throw DataError(place(), "a finite value", fmt::format("{}", features.values[entry]),
                            "Replace it by a number, or leave the feature out");
        previous = column;
    }
}

/// `taken` marks the nodes of the splits checked so far.
void check_split(const Dataset& dataset, const std::vector<std::int32_t>& split, const std::string& where,
                 std::vector<bool>& taken) {
    std::int32_t previous = -1;
    for (const std::int32_t node : split) {
        if (node < 0 || node >= dataset.nodes) bad_index("a node", 0, dataset.nodes, node, where);
        const auto place = [&] { return fmt::format("{}, node {} ({})", where, node, dataset.node_names[node]); };
        if (node <= previous)
            throw DataError(place(), "nodes in ascending order, each once", fmt::format("{} after {}", node, previous),
                            "Sort the split and merge the doubles");
        if (taken[node])
            throw DataError(place(), "a node in one split at most", "one that is in two", "Take it out of one of them");
        if (dataset.labels[node] == unlabelled)
            throw DataError(place(), "a label, as the node belongs to a split", "none",
                            "Give it a label or take it out of the split");
        taken[node] = true;
        previous = node;
    }
}

}  // namespace

void check(const SparseRows& features, const std::string& where) {
    if (features.row_offsets.empty() || features.row_offsets.front() != 0)
        throw DataError(where, "row_offsets that start at 0",
                        features.row_offsets.empty() ? "none" : std::to_string(features.row_offsets.front()),
                        "Begin with the first entry");
    check_length(features.row_offsets.size(), features.rows + 1, "row_offsets", where);
    check_length(features.column_index.size(), static_cast<std::int64_t>(features.values.size()), "column_index",
                 where);
    check_length(features.values.size(), features.row_offsets.back(), "values (the last of row_offsets)", where);
    // All offsets are checked before any row is read: an offset in the middle may lie beyond the last.
    for (std::int64_t row = 0; row < features.rows; ++row)
        if (features.row_offsets[row] > features.row_offsets[row + 1])
            throw DataError(fmt::format("{}, node {}", where, row), "row_offsets that never fall",
                            fmt::format("{} before {}", features.row_offsets[row], features.row_offsets[row + 1]),
                            "Correct row_offsets");
    for (std::int64_t row = 0; row < features.rows; ++row) check_row(features, row, where);
}

void check(const Dataset& dataset, const std::string& where) {
    if (dataset.nodes < 1)
        throw DataError(where, "at least one node", std::to_string(dataset.nodes), "Add nodes to the data set");
    check_length(static_cast<std::size_t>(dataset.features.rows), dataset.nodes, "features (rows)", where);
    check_length(dataset.labels.size(), dataset.nodes, "labels", where);
    check_length(dataset.node_names.size(), dataset.nodes, "node_names", where);
    check_different(dataset.node_names, "node name", where);
    check_different(dataset.class_names, "class name", where);
    check(dataset.features, where);
    const auto classes = static_cast<std::int64_t>(dataset.class_names.size());
    for (std::int32_t node = 0; node < dataset.nodes; ++node)
        if (dataset.labels[node] < unlabelled || dataset.labels[node] >= classes)
            bad_index("a label", unlabelled, classes, dataset.labels[node],
                      fmt::format("{}, node {} ({})", where, node, dataset.node_names[node]));
    for (std::size_t i = 0; i < dataset.edges.size(); ++i)
        for (const std::int32_t node : {dataset.edges[i].source, dataset.edges[i].target})
            if (node < 0 || node >= dataset.nodes)
                bad_index("a node", 0, dataset.nodes, node, fmt::format("{}, edge {}", where, i));
    std::vector<bool> taken(static_cast<std::size_t>(dataset.nodes));
    check_split(dataset, dataset.train, where + ", training split", taken);
    check_split(dataset, dataset.validation, where + ", validation split", taken);
    check_split(dataset, dataset.test, where + ", test split", taken);
}

}  // namespace tapegrad
