#include "tools/common/statistics.hpp"

#include <boost/test/unit_test.hpp>
#include <vector>

#include "autograd/errors.hpp"
#include "tests/datasets/expect_error.hpp"

using namespace tapegrad;
using tapegrad::testing::expect_error;
using Values = std::vector<double>;

BOOST_AUTO_TEST_SUITE(tools_statistics, *boost::unit_test::tolerance(1e-12))

BOOST_AUTO_TEST_CASE(quantiles_are_those_of_numpy) {
    // numpy.quantile([7, 1, 4, 10], [0, .25, .5, .75, 1])
    const Values values{7, 1, 4, 10};
    BOOST_TEST(quantile(values, 0) == 1);
    BOOST_TEST(quantile(values, 0.25) == 3.25);
    BOOST_TEST(quantile(values, 0.5) == 5.5);
    BOOST_TEST(quantile(values, 0.75) == 7.75);
    BOOST_TEST(quantile(values, 1) == 10);
    BOOST_TEST(quantile(Values{3}, 0.3) == 3);
    expect_error<ShapeError>([] { quantile({}, 0.5); }, {"quantile", "at least one value"});
}

BOOST_AUTO_TEST_CASE(spread_holds_median_quartiles_minimum_and_count) {
    const Spread odd = spread_of(Values{5, 1, 9, 3, 7});
    BOOST_TEST(odd.median == 5);
    BOOST_TEST(odd.lower == 3);
    BOOST_TEST(odd.upper == 7);
    BOOST_TEST(odd.minimum == 1);
    BOOST_TEST(odd.count == 5);
    const Spread doubled = scaled(odd, 2);
    BOOST_TEST(doubled.median == 10);
    BOOST_TEST(doubled.lower == 6);
    BOOST_TEST(doubled.upper == 14);
    BOOST_TEST(doubled.minimum == 2);
    BOOST_TEST(doubled.count == 5);
    expect_error<ShapeError>([] { spread_of({}); }, {"spread_of"});
}

BOOST_AUTO_TEST_CASE(ratios_go_round_by_round) {
    BOOST_TEST(ratios(Values{2, 9}, Values{4, 3}) == (Values{0.5, 3}), boost::test_tools::per_element());
    expect_error<ShapeError>([] { ratios(Values{1, 2}, Values{1}); }, {"ratios", "2 denominators", "got 1"});
}

BOOST_AUTO_TEST_CASE(mean_and_deviation_of_a_sample) {
    // By hand: the mean of 2, 4, 4, 4, 5, 5, 7, 9 is 5, the squared distances add up to 32, and 32 / 7 is the variance.
    const Values values{2, 4, 4, 4, 5, 5, 7, 9};
    BOOST_TEST(mean(values) == 5);
    BOOST_TEST(standard_deviation(values) * standard_deviation(values) == 32.0 / 7);
    BOOST_TEST(standard_deviation(Values{3, 3, 3}) == 0);
    expect_error<ShapeError>([] { mean({}); }, {"mean", "at least one value"});
    expect_error<ShapeError>([] { standard_deviation(Values{1}); }, {"standard_deviation", "at least two values"});
}

BOOST_AUTO_TEST_CASE(geometric_mean_of_reciprocals_is_1) {
    BOOST_TEST(geometric_mean(Values{0.25, 4}) == 1);
    BOOST_TEST(geometric_mean(Values{2, 4, 8}) == 4);
    expect_error<ShapeError>([] { geometric_mean({}); }, {"geometric_mean"});
    expect_error<ShapeError>([] { geometric_mean(Values{1, 0}); }, {"above 0", "got 0"});
}

BOOST_AUTO_TEST_SUITE_END()
