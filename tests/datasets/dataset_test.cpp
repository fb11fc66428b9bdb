#include "datasets/dataset.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "autograd/errors.hpp"
#include "tests/datasets/expect_error.hpp"

using namespace tapegrad;
using tapegrad::testing::expect_error;

namespace {

/// Three nodes, two features, two classes; node 2 is unlabelled and has no features.
Dataset small() {
    Dataset dataset;
    dataset.name = "small";
    dataset.nodes = 3;
    dataset.features = {3, 2, {0, 2, 3, 3}, {0, 1, 1}, {1.0F, 0.5F, 2.0F}};
    dataset.labels = {1, 0, unlabelled};
    dataset.class_names = {"a", "b"};
    dataset.node_names = {"p", "q", "r"};
    dataset.edges = {{0, 1}, {0, 1}, {2, 2}};
    dataset.train = {0};
    dataset.test = {1};
    return dataset;
}

template <class Error, class Change>
void expect_refused(const Change& change, std::initializer_list<std::string> parts) {
    Dataset dataset = small();
    change(dataset);
    expect_error<Error>([&] { check(dataset, "here"); }, parts);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(datasets_dataset)

BOOST_AUTO_TEST_CASE(a_consistent_data_set_passes) { BOOST_CHECK_NO_THROW(check(small(), "here")); }

BOOST_AUTO_TEST_CASE(node_out_of_range_in_an_edge_is_an_index_error) {
    expect_refused<IndexError>([](Dataset& d) { d.edges[1].target = 3; }, {"here, edge 1", "from 0 to 2", "got 3"});
    expect_refused<IndexError>([](Dataset& d) { d.edges[2].source = -1; }, {"here, edge 2", "got -1"});
}

BOOST_AUTO_TEST_CASE(label_out_of_range_is_an_index_error) {
    expect_refused<IndexError>([](Dataset& d) { d.labels[1] = 2; }, {"node 1 (q)", "from -1 to 1", "got 2"});
    expect_refused<IndexError>([](Dataset& d) { d.labels[0] = -2; }, {"node 0 (p)", "got -2"});
}

BOOST_AUTO_TEST_CASE(node_out_of_range_in_a_split_is_an_index_error) {
    expect_refused<IndexError>([](Dataset& d) { d.train = {3}; }, {"training split", "got 3"});
    expect_refused<IndexError>([](Dataset& d) { d.validation = {-1}; }, {"validation split", "got -1"});
}

BOOST_AUTO_TEST_CASE(feature_out_of_range_is_an_index_error) {
    expect_refused<IndexError>([](Dataset& d) { d.features.column_index[2] = 2; }, {"node 1", "from 0 to 1", "got 2"});
    expect_refused<IndexError>([](Dataset& d) { d.features.column_index[0] = -1; }, {"node 0", "got -1"});
}

BOOST_AUTO_TEST_CASE(value_that_is_not_finite_names_node_and_feature) {
    const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
    expect_refused<DataError>([&](Dataset& d) { d.features.values[1] = nan; }, {"node 0, feature 1", "nan"});
    expect_refused<DataError>([&](Dataset& d) { d.features.values[2] = -infinity; }, {"node 1, feature 1", "-inf"});
}

BOOST_AUTO_TEST_CASE(feature_twice_or_out_of_order_is_refused) {
    expect_refused<DataError>([](Dataset& d) { d.features.column_index = {1, 1, 1}; }, {"node 0", "1 after 1"});
    expect_refused<DataError>([](Dataset& d) { d.features.column_index = {1, 0, 1}; }, {"node 0", "0 after 1"});
}

BOOST_AUTO_TEST_CASE(arrays_that_do_not_fit_together_are_refused) {
    expect_refused<DataError>([](Dataset& d) { d.nodes = 4; }, {"4 entries in features", "got 3"});
    expect_refused<DataError>([](Dataset& d) { d.labels.pop_back(); }, {"labels", "got 2"});
    expect_refused<DataError>([](Dataset& d) { d.node_names.pop_back(); }, {"node_names", "got 2"});
    expect_refused<DataError>([](Dataset& d) { d.features.row_offsets.pop_back(); }, {"row_offsets", "got 3"});
    expect_refused<DataError>([](Dataset& d) { d.features.values.pop_back(); }, {"column_index", "got 3"});
    expect_refused<DataError>([](Dataset& d) { d.features.row_offsets = {1, 2, 3, 3}; }, {"start at 0", "got 1"});
    expect_refused<DataError>([](Dataset& d) { d.features.row_offsets = {0, 9, 3, 3}; }, {"node 1", "9 before 3"});
    expect_refused<DataError>([](Dataset& d) { d.features.row_offsets = {0, 2, 3, 9}; }, {"9 entries", "got 3"});
    expect_refused<DataError>([](Dataset& d) { d.features.row_offsets = {0, 2, -1, 3}; }, {"node 1", "2 before -1"});
}

BOOST_AUTO_TEST_CASE(sparse_rows_without_offsets_are_refused) {
    expect_error<DataError>([] { check(SparseRows{-1, 0, {}, {}, {}}, "here"); }, {"here", "start at 0", "got none"});
}

BOOST_AUTO_TEST_CASE(names_must_differ) {
    expect_refused<DataError>([](Dataset& d) { d.node_names[2] = "p"; }, {"every node name once", "'p' twice"});
    expect_refused<DataError>([](Dataset& d) { d.class_names[1] = "a"; }, {"every class name once", "'a' twice"});
}

BOOST_AUTO_TEST_CASE(node_in_two_splits_is_refused) {
    expect_refused<DataError>([](Dataset& d) { d.test = {0, 1}; }, {"test split, node 0 (p)", "in two"});
}

BOOST_AUTO_TEST_CASE(split_must_ascend) {
    expect_refused<DataError>([](Dataset& d) { d.train = {0, 0}; }, {"training split, node 0", "0 after 0"});
}

BOOST_AUTO_TEST_CASE(unlabelled_node_in_a_split_is_refused) {
    expect_refused<DataError>([](Dataset& d) { d.validation = {2}; }, {"validation split, node 2 (r)", "label"});
}

BOOST_AUTO_TEST_CASE(data_set_without_nodes_is_refused) {
    expect_error<DataError>([] { check(Dataset{}, "here"); }, {"at least one node", "got 0"});
}

BOOST_AUTO_TEST_SUITE_END()
