#include "datasets/graph.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "autograd/errors.hpp"
#include "backends/loader.hpp"
#include "tests/datasets/expect_error.hpp"

using namespace tapegrad;
using tapegrad::testing::expect_error;
using Indices = std::vector<std::int32_t>;

namespace {

const BackendPtr& backend() {
    static const BackendPtr opened = open_backend("reference");
    return opened;
}

Graph graph(const std::vector<Edge>& edges, std::int64_t nodes, DType dtype = DType::f64) {
    return make_graph(backend(), edges, nodes, dtype);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(datasets_graph)

BOOST_AUTO_TEST_CASE(edges_are_sorted_by_target_then_source) {
    const Graph g = graph({{3, 2}, {0, 1}, {2, 0}, {1, 2}, {0, 0}, {1, 2}}, 4);
    BOOST_TEST(g.nodes == 4);
    BOOST_TEST(g.edges() == 6);
    BOOST_CHECK((g.targets.index.values<std::int32_t>() == Indices{0, 0, 1, 2, 2, 2}));
    BOOST_CHECK((g.sources.index.values<std::int32_t>() == Indices{0, 2, 0, 1, 1, 3}));
}

BOOST_AUTO_TEST_CASE(targets_are_the_csr_and_sources_the_csc) {
    const Graph g = graph({{3, 2}, {0, 1}, {2, 0}, {1, 2}, {0, 0}, {1, 2}}, 4);
    BOOST_CHECK((g.targets.order.values<std::int32_t>() == Indices{0, 1, 2, 3, 4, 5}));
    BOOST_CHECK((g.targets.offsets.values<std::int32_t>() == Indices{0, 2, 3, 6, 6}));
    BOOST_CHECK((g.sources.order.values<std::int32_t>() == Indices{0, 2, 3, 4, 1, 5}));
    BOOST_CHECK((g.sources.offsets.values<std::int32_t>() == Indices{0, 2, 4, 5, 6}));
}

BOOST_AUTO_TEST_CASE(normalised_adjacency_is_kipf_and_wellings) {
    // The path 0 - 1 - 2 in both directions. With self loops the nodes have 2, 3 and 2 edges.
    const Graph g = graph({{0, 1}, {1, 0}, {1, 2}, {2, 1}}, 3);
    const double end = 1.0 / 2, middle = 1.0 / 3, between = 1 / std::sqrt(6.0);
    const std::vector<double> expected = {end, between, 0, between, middle, between, 0, between, end};
    const std::vector<double> actual = to_dense(g.normalised_adjacency()).values<double>();
    BOOST_TEST(actual == expected, boost::test_tools::tolerance(1e-15) << boost::test_tools::per_element());
    BOOST_TEST(g.edges() == 4, "the edges for attention got self loops");
}

BOOST_AUTO_TEST_CASE(normalised_adjacency_adds_no_second_self_loop_and_counts_double_edges_twice) {
    // Node 0 has a self loop; 1 -> 0 stands twice: degrees 3 and 1 (the added loop).
    const Graph g = graph({{1, 0}, {0, 0}, {1, 0}}, 2);
    const std::vector<double> expected = {1.0 / 3, 2 / std::sqrt(3.0), 0, 1};
    const std::vector<double> actual = to_dense(g.normalised_adjacency()).values<double>();
    BOOST_TEST(actual == expected, boost::test_tools::tolerance(1e-15) << boost::test_tools::per_element());
    BOOST_TEST(g.normalised_adjacency().values.size() == 4);
}

BOOST_AUTO_TEST_CASE(rows_of_the_normalised_adjacency_are_targets) {
    const std::vector<double> dense = to_dense(graph({{0, 1}}, 2).normalised_adjacency()).values<double>();
    BOOST_TEST(dense[1] == 0, "row 0 takes from column 1, but there is no edge 1 -> 0");
    BOOST_TEST(dense[2] > 0, "row 1 takes nothing from column 0, but there is an edge 0 -> 1");
}

BOOST_AUTO_TEST_CASE(values_have_the_dtype_asked_for) {
    BOOST_CHECK(graph({{0, 1}}, 2, DType::f64).normalised_adjacency().values.dtype() == DType::f64);
    BOOST_CHECK(graph({{0, 1}}, 2, DType::f32).normalised_adjacency().values.dtype() == DType::f32);
}

BOOST_AUTO_TEST_CASE(a_graph_without_edges_or_without_nodes_is_a_graph) {
    const Graph no_edges = graph({}, 3);
    BOOST_TEST(no_edges.edges() == 0);
    BOOST_CHECK((no_edges.targets.offsets.values<std::int32_t>() == Indices{0, 0, 0, 0}));
    BOOST_CHECK(
        (to_dense(no_edges.normalised_adjacency()).values<double>() == std::vector<double>{1, 0, 0, 0, 1, 0, 0, 0, 1}));
    BOOST_TEST(graph({}, 0).edges() == 0);
}

BOOST_AUTO_TEST_CASE(csr_arrays_make_the_same_graph_as_their_edges) {
    // Node 2 has no edges; 1 -> 3 stands twice.
    const Indices offsets{0, 2, 3, 3, 6}, sources{0, 3, 0, 1, 1, 2};
    const Graph from_csr = make_graph(backend(), offsets, sources, DType::f64);
    const Graph from_edges = graph({{0, 0}, {3, 0}, {0, 1}, {1, 3}, {1, 3}, {2, 3}}, 4);
    BOOST_TEST(from_csr.nodes == 4);
    const auto same = [](const Tensor& a, const Tensor& b) {
        return a.values<std::int32_t>() == b.values<std::int32_t>();
    };
    for (const auto part : {&Graph::sources, &Graph::targets}) {
        BOOST_CHECK(same((from_csr.*part).index, (from_edges.*part).index));
        BOOST_CHECK(same((from_csr.*part).order, (from_edges.*part).order));
        BOOST_CHECK(same((from_csr.*part).offsets, (from_edges.*part).offsets));
    }
    BOOST_CHECK(to_dense(from_csr.normalised_adjacency()).values<double>() ==
                to_dense(from_edges.normalised_adjacency()).values<double>());
}

BOOST_AUTO_TEST_CASE(csr_arrays_keep_the_order_of_the_sources) {
    // Into node 0 from 2, 0; into node 2 from 1, 1, 0.
    const Graph g = make_graph(backend(), Indices{0, 2, 2, 5}, Indices{2, 0, 1, 1, 0}, DType::f64);
    BOOST_CHECK((g.sources.index.values<std::int32_t>() == Indices{2, 0, 1, 1, 0}));
    BOOST_CHECK((g.targets.index.values<std::int32_t>() == Indices{0, 0, 2, 2, 2}));
    BOOST_CHECK((g.sources.order.values<std::int32_t>() == Indices{1, 4, 2, 3, 0}));
    BOOST_CHECK(to_dense(g.normalised_adjacency()).values<double>() ==
                to_dense(graph({{2, 0}, {0, 0}, {1, 2}, {1, 2}, {0, 2}}, 3).normalised_adjacency()).values<double>());
}

BOOST_AUTO_TEST_CASE(csr_arrays_that_do_not_fit_are_refused) {
    const auto from_csr = [](const Indices& offsets, const Indices& sources) {
        make_graph(backend(), offsets, sources);
    };
    for (const Indices& offsets : {Indices{}, Indices{1, 2}, Indices{0, 2, 1}, Indices{0, 1, 3}})
        expect_error<ShapeError>([&] { from_csr(offsets, {0, 1}); }, {"make_graph", "rise from 0", "2 sources"});
    expect_error<IndexError>([&] { from_csr({0, 1, 2}, {0, 2}); }, {"0 to 1", "2 at entry 1"});
    expect_error<IndexError>([&] { from_csr({0, 1, 2}, {-1, 0}); }, {"0 to 1", "-1 at entry 0"});
}

BOOST_AUTO_TEST_CASE(normalised_adjacency_is_made_once_and_shared_by_copies) {
    const Graph g = graph({{0, 1}, {1, 0}}, 2);
    const Graph copy = g;
    const SparseMatrix& first = g.normalised_adjacency();
    BOOST_CHECK(first.values.same(g.normalised_adjacency().values));
    BOOST_CHECK(first.values.same(copy.normalised_adjacency().values));
}

BOOST_AUTO_TEST_CASE(ends_out_of_range_are_refused) {
    expect_error<IndexError>([] { graph({{0, 1}, {0, 3}}, 3); }, {"0 to 2", "0 -> 3"});
    expect_error<IndexError>([] { graph({{-1, 1}}, 3); }, {"-1 -> 1"});
    expect_error<IndexError>([] { graph({}, -1); }, {"-1"});
    expect_error<IndexError>([] { graph({}, std::int64_t{1} << 32); }, {"make_graph", "4294967296 nodes"});
}

BOOST_AUTO_TEST_SUITE_END()
