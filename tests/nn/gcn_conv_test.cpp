#include "nn/layers/gcn_conv.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/datasets/expect_error.hpp"
#include "tests/nn/nn_fixture.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

using Matrix = std::vector<std::vector<double>>;

Matrix matrix(const Tensor& x) {
    const std::vector<double> values = x.values<double>();
    const auto columns = static_cast<std::ptrdiff_t>(x.shape()[1]);
    Matrix rows;
    for (auto row = values.begin(); row != values.end(); row += columns) rows.emplace_back(row, row + columns);
    return rows;
}

Matrix multiply(const Matrix& a, const Matrix& b) {
    Matrix product(a.size(), std::vector<double>(b[0].size()));
    for (std::size_t i = 0; i < a.size(); ++i)
        for (std::size_t k = 0; k < b.size(); ++k)
            for (std::size_t j = 0; j < b[0].size(); ++j) product[i][j] += a[i][k] * b[k][j];
    return product;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(nn_gcn_conv)

BOOST_AUTO_TEST_CASE(equals_the_dense_formula_on_dense_and_sparse_features) {
    // D^-1/2 (A + I) D^-1/2 H W + b with full matrices, on 7 nodes of which 6 has no neighbour.
    const std::vector<std::pair<int, int>> pairs = {{0, 1}, {0, 2}, {1, 2}, {2, 3}, {4, 5}, {3, 5}};
    std::vector<Edge> edges;
    Matrix a(7, std::vector<double>(7));
    for (const auto& [i, j] : pairs) {
        edges.push_back({i, j});
        edges.push_back({j, i});
        a[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)] =
            a[static_cast<std::size_t>(j)][static_cast<std::size_t>(i)] = 1;
    }
    std::vector<double> degree(7);
    for (std::size_t i = 0; i < 7; ++i) {
        a[i][i] = 1;
        for (const double entry : a[i]) degree[i] += entry;
    }
    for (std::size_t i = 0; i < 7; ++i)
        for (std::size_t j = 0; j < 7; ++j) a[i][j] /= std::sqrt(degree[i]) * std::sqrt(degree[j]);

    LayerSource source;
    GCNConv layer(source.inputs(4), 3);
    randomise(layer, source.random);
    const Tensor x = relu(random_f64({7, 4}, source.random));
    const std::vector<double> bias = parameter_of(layer, "bias").values<double>();
    std::vector<double> expected;
    for (const std::vector<double>& row : multiply(a, multiply(matrix(x), matrix(parameter_of(layer, "weight")))))
        for (std::size_t j = 0; j < 3; ++j) expected.push_back(row[j] + bias[j]);

    const Graph graph = graph_f64(edges, 7);
    check_close(run(layer, x, {.graph = &graph}), expected, 1e-13, "dense features");
    check_close(run(layer, sparse_f64(x), {.graph = &graph}), expected, 1e-13, "sparse features");
}

BOOST_AUTO_TEST_CASE(features_flow_along_the_edges_only) {
    // 0 -> 1 alone: node 1 has 2 edges with its self loop, node 0 has 1.
    LayerSource source;
    GCNConv layer(source.inputs(1), 1, false);
    assign(parameter_of(layer, "weight"), f64({1, 1}, {1}));
    const Graph graph = graph_f64({{0, 1}}, 2);
    check_close(run(layer, f64({2, 1}, {3, 10}), {.graph = &graph}), {3, 3 / std::sqrt(2.0) + 10 / 2.0}, 1e-15,
                "output");
}

BOOST_AUTO_TEST_CASE(without_a_bias_an_isolated_node_gets_its_own_features_times_the_weight) {
    LayerSource source;
    GCNConv layer(source.inputs(4), 3, false);
    BOOST_TEST(layer.parameters().size() == 1);
    const Tensor x = random_f64({2, 4}, source.random);
    const Graph graph = graph_f64({}, 2);
    check_close(run(layer, x, {.graph = &graph}), matmul(x, parameter_of(layer, "weight")), 1e-15, "output");
}

BOOST_AUTO_TEST_CASE(needs_a_graph_with_as_many_nodes_as_the_features_have_rows) {
    LayerSource source;
    GCNConv layer(source.inputs(4), 3);
    const Tensor x = random_f64({2, 4}, source.random);
    const Graph larger = graph_f64({}, 3);
    expect_error<TypeError>([&] { run(layer, x); }, {"layer gcn", "a graph in the context"});
    expect_error<ShapeError>([&] { run(layer, x, {.graph = &larger}); }, {"spmm", "[3, 3]", "[2, 3]"});
}

BOOST_AUTO_TEST_SUITE_END()
