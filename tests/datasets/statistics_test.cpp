#include "datasets/statistics.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <filesystem>

#include "datasets/load.hpp"

using namespace tapegrad;

namespace {

/// Seven nodes: a triangle 0-1-2 with a tail 2-3, a pair 4-5, and 6, which has nothing but a self loop.
Dataset small() {
    Dataset dataset;
    dataset.name = "small";
    dataset.nodes = 7;
    dataset.features = {7, 3, {0, 2, 2, 3, 4, 4, 4, 5}, {0, 2, 1, 1, 2}, {1, 1, 0.5F, 0, 2}};
    dataset.class_names = {"a", "b", "unused"};
    dataset.labels = {0, 0, 1, unlabelled, 1, 1, 0};
    dataset.node_names = {"p", "q", "r", "s", "t", "u", "v"};
    //               once    twice             both ways
    dataset.edges = {{0, 1}, {1, 2}, {1, 2}, {0, 2}, {2, 0}, {2, 3}, {5, 4}, {6, 6}, {6, 6}};
    dataset.train = {0, 2};
    dataset.validation = {4};
    dataset.test = {5, 6};
    return dataset;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(datasets_statistics)

BOOST_AUTO_TEST_CASE(edges_of_a_small_graph_are_those_counted_by_hand) {
    const DatasetStatistics statistics = statistics_of(small());
    BOOST_TEST(statistics.nodes == 7);
    BOOST_TEST(statistics.edges == 9);
    BOOST_TEST(statistics.pairs == 5);  // 01 12 02 23 45
    BOOST_TEST(statistics.self_loops == 1);
    BOOST_TEST(statistics.prepared == 2 * 5 + 7);
    BOOST_TEST(statistics.isolated == 1);  // 6
    // Degrees 2 2 3 1 1 1 0, sorted 0 1 1 1 2 2 3.
    BOOST_TEST(statistics.degree_min == 0);
    BOOST_TEST(statistics.degree_median == 1);
    BOOST_TEST(statistics.degree_mean == 10.0 / 7);
    BOOST_TEST(statistics.degree_max == 3);
    BOOST_TEST(statistics.components == 3);
    BOOST_TEST(statistics.largest_component == 4);
    BOOST_TEST(statistics.homophily == 0.5);  // of 01 12 02 45, where 23 lacks a label: 01 and 45
}

BOOST_AUTO_TEST_CASE(median_of_an_even_number_of_nodes_is_the_mean_of_the_middle_two) {
    Dataset dataset;
    dataset.nodes = 4;
    dataset.features = {4, 0, {0, 0, 0, 0, 0}, {}, {}};
    dataset.labels.assign(4, unlabelled);
    dataset.edges = {{0, 1}, {0, 2}};  // degrees 2 1 1 0
    BOOST_TEST(statistics_of(dataset).degree_median == 1);
    dataset.edges = {{0, 1}, {0, 2}, {1, 2}};  // 2 2 2 0
    BOOST_TEST(statistics_of(dataset).degree_median == 2);
    dataset.edges = {{0, 1}};  // 1 1 0 0
    BOOST_TEST(statistics_of(dataset).degree_median == 0.5);
}

BOOST_AUTO_TEST_CASE(classes_and_splits_are_counted) {
    const DatasetStatistics statistics = statistics_of(small());
    BOOST_TEST(statistics.classes.size() == 3);
    const auto expect = [&](std::size_t number, std::int64_t nodes, std::int64_t train, std::int64_t validation,
                            std::int64_t test) {
        const ClassCounts& counts = statistics.classes[number];
        BOOST_TEST(counts.name == small().class_names[number]);
        BOOST_TEST(counts.nodes == nodes);
        BOOST_TEST(counts.train == train);
        BOOST_TEST(counts.validation == validation);
        BOOST_TEST(counts.test == test);
    };
    expect(0, 3, 1, 0, 1);
    expect(1, 3, 1, 1, 1);
    expect(2, 0, 0, 0, 0);
    BOOST_TEST(statistics.unlabelled == 1);
    BOOST_TEST(statistics.train == 2);
    BOOST_TEST(statistics.validation == 1);
    BOOST_TEST(statistics.test == 2);
}

BOOST_AUTO_TEST_CASE(a_stored_zero_is_no_non_zero) {
    const DatasetStatistics statistics = statistics_of(small());
    BOOST_TEST(statistics.features == 3);
    BOOST_TEST(statistics.non_zeros == 4);
    BOOST_TEST(statistics.density == 4.0 / 21);
}

BOOST_AUTO_TEST_CASE(a_graph_without_labels_edges_and_features_has_statistics_too) {
    Dataset dataset;
    dataset.nodes = 2;
    dataset.features = {2, 0, {0, 0, 0}, {}, {}};
    dataset.labels = {unlabelled, unlabelled};
    const DatasetStatistics statistics = statistics_of(dataset);
    BOOST_TEST(statistics.unlabelled == 2);
    BOOST_TEST(statistics.isolated == 2);
    BOOST_TEST(statistics.components == 2);
    BOOST_TEST(statistics.density == 0);
    BOOST_TEST(std::isnan(statistics.homophily));
}

// Homophily 0.81: Zhu et al. 2020, table 5. A largest component of 2,485 nodes: Shchur et al., "Pitfalls of Graph
// Neural Network Evaluation", 2018, table 1. Degrees and components were counted once more by a breadth-first search in
// Python.
BOOST_AUTO_TEST_CASE(numbers_of_cora_are_the_published_ones) {
    const DatasetStatistics statistics =
        statistics_of(load_dataset("cora", {std::filesystem::path(TAPEGRAD_SOURCE_DIR) / "datasets"}));
    BOOST_TEST(statistics.nodes == 2708);
    BOOST_TEST(statistics.edges == 5429);
    BOOST_TEST(statistics.pairs == 5278);
    BOOST_TEST(statistics.self_loops == 0);
    BOOST_TEST(statistics.prepared == 13264);
    BOOST_TEST(statistics.isolated == 0);
    BOOST_TEST(statistics.degree_max == 168);
    BOOST_TEST(statistics.degree_mean == 3.9, boost::test_tools::tolerance(0.001));
    BOOST_TEST(statistics.components == 78);
    BOOST_TEST(statistics.largest_component == 2485);
    BOOST_TEST(statistics.homophily == 0.81, boost::test_tools::tolerance(0.001));
    BOOST_TEST(statistics.density == 0.0127, boost::test_tools::tolerance(0.005));
}

BOOST_AUTO_TEST_SUITE_END()
