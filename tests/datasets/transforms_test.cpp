#include "datasets/transforms.hpp"

#include <boost/test/unit_test.hpp>

#include "autograd/errors.hpp"
#include "tests/datasets/expect_error.hpp"

using namespace tapegrad;
using tapegrad::testing::expect_error;
using Edges = std::vector<Edge>;

BOOST_AUTO_TEST_SUITE(datasets_transforms)

BOOST_AUTO_TEST_CASE(symmetrise_appends_every_reverse) {
    BOOST_CHECK((symmetrise({{0, 1}, {2, 1}}) == Edges{{0, 1}, {2, 1}, {1, 0}, {1, 2}}));
    BOOST_CHECK((symmetrise({{0, 1}, {1, 0}}) == Edges{{0, 1}, {1, 0}, {1, 0}, {0, 1}}));
    BOOST_CHECK(symmetrise({}).empty());
}

BOOST_AUTO_TEST_CASE(symmetrise_adds_no_second_self_loop) {
    BOOST_CHECK((symmetrise({{3, 3}, {0, 3}}) == Edges{{3, 3}, {0, 3}, {3, 0}}));
}

BOOST_AUTO_TEST_CASE(merge_duplicates_sorts_by_target_then_source_and_keeps_each_once) {
    const Edges merged = merge_duplicates({{1, 2}, {5, 0}, {0, 2}, {1, 2}, {2, 1}, {5, 0}, {1, 2}});
    BOOST_CHECK((merged == Edges{{5, 0}, {2, 1}, {0, 2}, {1, 2}}));
    BOOST_CHECK(merge_duplicates({}).empty());
}

BOOST_AUTO_TEST_CASE(add_self_loops_adds_only_the_missing_ones) {
    BOOST_CHECK((add_self_loops({{0, 1}, {1, 1}, {1, 1}}, 3) == Edges{{0, 1}, {1, 1}, {1, 1}, {0, 0}, {2, 2}}));
    BOOST_CHECK((add_self_loops({}, 2) == Edges{{0, 0}, {1, 1}}));
    BOOST_CHECK(add_self_loops({}, 0).empty());
}

BOOST_AUTO_TEST_CASE(add_self_loops_refuses_nodes_out_of_range) {
    expect_error<IndexError>([] { add_self_loops({{0, 1}, {0, 3}}, 3); }, {"add_self_loops", "0 to 2", "0 -> 3"});
    expect_error<IndexError>([] { add_self_loops({{-1, 1}}, 3); }, {"-1 -> 1"});
    expect_error<IndexError>([] { add_self_loops({}, -1); }, {"got -1"});
}

BOOST_AUTO_TEST_CASE(remove_self_loops_keeps_the_order_of_the_rest) {
    BOOST_CHECK((remove_self_loops({{0, 0}, {2, 1}, {1, 1}, {0, 1}}) == Edges{{2, 1}, {0, 1}}));
    BOOST_CHECK(remove_self_loops({{4, 4}}).empty());
}

BOOST_AUTO_TEST_CASE(normalise_rows_names_a_node_whose_features_would_not_be_finite) {
    // The sum is 1e-3: 1e38 / 1e-3 is more than an f32 holds.
    const SparseRows features{2, 3, {0, 1, 4}, {0, 0, 1, 2}, {1.0F, 1e38F, -1e38F, 1e-3F}};
    expect_error<DataError>([&] { normalise_rows(features); }, {"normalise_rows, node 1", "sum"});
}

BOOST_AUTO_TEST_CASE(normalise_rows_divides_each_row_by_its_sum) {
    // Sums 4, none, 0.5, 0 (of 1 and -1).
    const SparseRows features{4, 3, {0, 2, 2, 3, 5}, {0, 2, 1, 0, 1}, {1.0F, 3.0F, 0.5F, 1.0F, -1.0F}};
    const SparseRows normalised = normalise_rows(features);
    const std::vector<float> expected{0.25F, 0.75F, 1.0F, 1.0F, -1.0F};
    BOOST_TEST(normalised.values == expected, boost::test_tools::per_element());
    BOOST_CHECK(normalised.row_offsets == features.row_offsets);
    BOOST_CHECK(normalised.column_index == features.column_index);
    BOOST_CHECK_EQUAL(normalised.rows, 4);
    BOOST_CHECK_EQUAL(normalised.columns, 3);
}

BOOST_AUTO_TEST_SUITE_END()
