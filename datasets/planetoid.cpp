#include "datasets/planetoid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "datasets/numpy_pickle.hpp"
#include "datasets/text_lines.hpp"

namespace tapegrad {
namespace {

namespace fs = std::filesystem;

/// Labels and features of some nodes, row by row.
struct Rows {
    SparseRows features;
    std::vector<std::int32_t> labels;
    std::int64_t classes = 0;
};

[[noreturn]] void inconsistent(const fs::path& file, const std::string& expected, const std::string& got) {
    throw DataError(file.string(), expected, got, "Fetch all eight files again from one source");
}

std::vector<std::int32_t> labels_of(const IntMatrix& one_hot, const fs::path& file) {
    std::vector<std::int32_t> labels;
    for (std::int64_t row = 0; row < one_hot.rows; ++row) {
        const auto first = one_hot.values.begin() + row * one_hot.columns;
        const auto last = first + one_hot.columns;
        const auto one = std::find(first, last, 1);
        if (std::count(first, last, 0) != one_hot.columns - 1 || one == last)
            inconsistent(file, fmt::format("one 1 and else 0 in row {}", row), "something else");
        labels.push_back(static_cast<std::int32_t>(one - first));
    }
    return labels;
}

Rows read_rows(const fs::path& features_file, const fs::path& labels_file) {
    SparseRows features = read_pickled_csr(features_file);
    const IntMatrix one_hot = read_pickled_matrix(labels_file);
    if (one_hot.rows != features.rows)
        inconsistent(labels_file, fmt::format("{} rows as in {}", features.rows, features_file.filename().string()),
                     std::to_string(one_hot.rows));
    return {std::move(features), labels_of(one_hot, labels_file), one_hot.columns};
}

/// Appends row `row` of `from`.
void append_row(SparseRows& features, const SparseRows& from, std::size_t row) {
    const auto first = from.row_offsets[row], last = from.row_offsets[row + 1];
    features.column_index.insert(features.column_index.end(), from.column_index.begin() + first,
                                 from.column_index.begin() + last);
    features.values.insert(features.values.end(), from.values.begin() + first, from.values.begin() + last);
    features.end_row();
}

/// x and y are the first rows of allx and ally.
void expect_first_rows(const Rows& all, const Rows& some, const fs::path& file) {
    SparseRows first{0, all.features.columns, {0}, {}, {}};
    if (some.features.rows <= all.features.rows)
        for (std::int64_t row = 0; row < some.features.rows; ++row)
            append_row(first, all.features, static_cast<std::size_t>(row));
    if (first != some.features || some.classes != all.classes ||
        !std::equal(some.labels.begin(), some.labels.end(), all.labels.begin()))
        inconsistent(file, "the first rows of allx and ally in x and y", "other rows");
}

/// The node of each row of tx.
std::vector<std::int32_t> read_test_index(const fs::path& file, const Rows& all, const Rows& test) {
    const std::string text = read_file(file);
    std::vector<std::int32_t> nodes;
    for (LineReader lines(file, text); lines.next();)
        nodes.push_back(parse_number<std::int32_t>(lines.line(), "a node number", lines));
    if (static_cast<std::int64_t>(nodes.size()) != test.features.rows)
        inconsistent(file, fmt::format("{} nodes, one for each row of tx", test.features.rows),
                     std::to_string(nodes.size()));
    if (test.features.columns != all.features.columns || test.classes != all.classes)
        inconsistent(file, "as many features and classes in tx and ty as in allx and ally", "another number");
    if (nodes.empty() || *std::min_element(nodes.begin(), nodes.end()) != all.features.rows)
        inconsistent(file, fmt::format("test nodes from {} on, the number of rows of allx", all.features.rows),
                     nodes.empty() ? "none" : "another first node");
    return nodes;
}

/// Adds features and labels of the nodes after those of allx, and makes the test split. `file` is where test_index
/// came from.
void append_test_nodes(Dataset& dataset, const Rows& tests, const std::vector<std::int32_t>& test_index,
                       const fs::path& file) {
    constexpr std::int32_t no_row = -1;
    std::vector<std::int32_t> row_of(static_cast<std::size_t>(dataset.nodes), no_row);
    for (std::size_t row = 0; row < test_index.size(); ++row) {
        std::int32_t& row_of_node = row_of[test_index[row]];
        if (row_of_node != no_row) inconsistent(file, "each node once", fmt::format("{} twice", test_index[row]));
        row_of_node = static_cast<std::int32_t>(row);
    }
    for (auto node = static_cast<std::int32_t>(dataset.features.rows); node < dataset.nodes; ++node) {
        const std::int32_t row = row_of[node];
        if (row == no_row) {
            dataset.features.end_row();
            dataset.labels.push_back(unlabelled);
        } else {
            append_row(dataset.features, tests.features, static_cast<std::size_t>(row));
            dataset.labels.push_back(tests.labels[row]);
            dataset.test.push_back(node);
        }
    }
}

std::vector<std::string> numbers_as_names(std::int64_t count) {
    std::vector<std::string> names;
    for (std::int64_t i = 0; i < count; ++i) names.push_back(std::to_string(i));
    return names;
}

}  // namespace

Dataset load_planetoid(const fs::path& folder, const std::string& name) {
    const auto file = [&](const char* part) { return folder / fmt::format("ind.{}.{}", name, part); };
    const Rows training = read_rows(file("x"), file("y"));
    const Rows tests = read_rows(file("tx"), file("ty"));
    Rows all = read_rows(file("allx"), file("ally"));
    const auto adjacency = read_pickled_adjacency(file("graph"));
    expect_first_rows(all, training, file("x"));
    const std::vector<std::int32_t> test_index = read_test_index(file("test.index"), all, tests);

    const std::int64_t nodes = std::int64_t{1} + *std::max_element(test_index.begin(), test_index.end());
    // This also bounds the arrays below by the size of a file.
    if (static_cast<std::int64_t>(adjacency.size()) != nodes || adjacency.rbegin()->first != nodes - 1)
        inconsistent(file("graph"), fmt::format("the nodes 0 to {}", nodes - 1), "others");

    Dataset dataset;
    dataset.name = name;
    dataset.nodes = static_cast<std::int32_t>(nodes);
    dataset.node_names = numbers_as_names(nodes);
    dataset.class_names = numbers_as_names(all.classes);
    const std::int64_t test_begin = all.features.rows;
    dataset.features = std::move(all.features);
    dataset.labels = std::move(all.labels);
    append_test_nodes(dataset, tests, test_index, file("test.index"));
    for (const auto& [node, neighbours] : adjacency)
        for (const std::int32_t neighbour : neighbours) dataset.edges.push_back({neighbour, node});

    dataset.train.resize(training.labels.size());
    std::iota(dataset.train.begin(), dataset.train.end(), 0);
    dataset.validation.resize(
        std::min(planetoid_validation_nodes, static_cast<std::size_t>(test_begin) - dataset.train.size()));
    std::iota(dataset.validation.begin(), dataset.validation.end(), static_cast<std::int32_t>(dataset.train.size()));
    check(dataset, file("*").string());
    return dataset;
}

}  // namespace tapegrad
