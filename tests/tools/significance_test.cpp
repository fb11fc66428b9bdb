#include "tools/common/significance.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

#include "autograd/errors.hpp"
#include "tests/datasets/expect_error.hpp"

using namespace tapegrad;
using tapegrad::testing::expect_error;
using Values = std::vector<double>;

namespace {

const Values a{82.9, 83.5, 83.1, 82.4, 83.8, 82.6, 83.0, 84.1};
const Values b{82.1, 83.2, 83.3, 81.9, 82.8, 82.2, 82.9, 83.0};
const Values c{81.0, 82.5, 81.9, 80.2, 83.4};

Values zeros_for(const Values& values) { return Values(values.size(), 0.0); }

}  // namespace

// Expected numbers are those of SciPy 1.17.1 and statsmodels; the calls stand above them.
BOOST_AUTO_TEST_SUITE(tools_significance, *boost::unit_test::tolerance(1e-10))

BOOST_AUTO_TEST_CASE(interval_of_the_mean_is_that_of_student) {
    // stats.t.interval(0.95, len(a) - 1, np.mean(a), stats.sem(a)), and the same with 0.99
    const Interval usual = mean_interval(a), wide = mean_interval(a, 0.99);
    BOOST_TEST(usual.lower == 82.68598645936667);
    BOOST_TEST(usual.upper == 83.66401354063332);
    BOOST_TEST(wide.lower == 82.451293171538);
    BOOST_TEST(wide.upper == 83.898706828462);
    expect_error<ShapeError>([] { mean_interval(Values{1}); }, {"at least two values"});
    expect_error<ShapeError>([] { mean_interval({}); }, {"at least two values"});
}

BOOST_AUTO_TEST_CASE(paired_t_test_is_that_of_scipy) {
    // stats.ttest_rel(a, b) and its confidence_interval()
    const DifferenceTest test = paired_t_test(a, b);
    BOOST_TEST(test.difference == 0.5);
    BOOST_TEST(test.t == 3.162277660168355);
    BOOST_TEST(test.degrees == 7);
    BOOST_TEST(test.p == 0.015877803835189136);
    BOOST_TEST(test.interval.lower == 0.126120077724785);
    BOOST_TEST(test.interval.upper == 0.8738799222752114);
    const DifferenceTest reverse = paired_t_test(b, a);
    BOOST_TEST(reverse.t == -test.t);
    BOOST_TEST(reverse.p == test.p);
    expect_error<ShapeError>([] { paired_t_test(a, c); }, {"paired_t_test", "8 values to pair", "got 5"});
    expect_error<ShapeError>([] { paired_t_test(Values{1}, Values{2}); }, {"at least two values"});
}

BOOST_AUTO_TEST_CASE(differences_without_spread_are_told_apart_from_none) {
    const DifferenceTest equal = paired_t_test(a, a), shifted = paired_t_test(Values{2, 3, 4}, Values{1, 2, 3});
    BOOST_TEST(equal.p == 1);
    BOOST_TEST(equal.t == 0);
    BOOST_TEST(shifted.p == 0);
    BOOST_TEST(std::isinf(shifted.t));
    BOOST_TEST(shifted.interval.lower == 1);
    BOOST_TEST(shifted.interval.upper == 1);
    BOOST_TEST(welch_t_test(Values{5, 5}, Values{5, 5}).p == 1);
    // Equal on paper, not in binary.
    for (const DifferenceTest& rounded : {paired_t_test(Values{.811, .815}, Values{.821, .825}),
                                          welch_t_test(Values{.1 + .2, .3}, Values{.2, .1 + .1})}) {
        BOOST_TEST(std::isinf(rounded.t));
        BOOST_TEST(!rounded.has_spread());
    }
    const DifferenceTest none = welch_t_test(Values{.1 + .2, .3}, Values{.3, .3});
    BOOST_TEST(none.t == 0);
    BOOST_TEST(none.p == 1);
    BOOST_TEST(paired_t_test(Values{.811, .816}, Values{.821, .825}).has_spread());
    // The smallest spread that a thousand test nodes can show, and losses of any size.
    BOOST_TEST(paired_t_test(Values{1e-9, 3e-9}, Values{2e-9, 2e-9}).has_spread());
}

BOOST_AUTO_TEST_CASE(welch_t_test_is_that_of_scipy) {
    // stats.ttest_ind(a, c, equal_var=False) and its confidence_interval()
    const DifferenceTest test = welch_t_test(a, c);
    BOOST_TEST(test.difference == 1.375);
    BOOST_TEST(test.t == 2.305256972090831);
    BOOST_TEST(test.degrees == 5.113237324322197);
    BOOST_TEST(test.p == 0.06815974797997855);
    BOOST_TEST(test.interval.lower == -0.14809947605351304);
    BOOST_TEST(test.interval.upper == 2.8980994760535133);
    expect_error<ShapeError>([] { welch_t_test(a, Values{1}); }, {"at least two values"});
}

BOOST_AUTO_TEST_CASE(wilcoxon_counts_few_pairs_and_approximates_many) {
    // stats.wilcoxon(distinct, method="exact").pvalue
    const Values distinct{1.1, -0.2, 0.5, 0.3, -0.4, 2.0, 0.9, -0.05, 1.7, 0.7};
    BOOST_TEST(wilcoxon_signed_rank(distinct, zeros_for(distinct)) == 0.037109375);
    // stats.wilcoxon(tied, method=stats.PermutationMethod(n_resamples=10**7)).pvalue, which is exact for so few
    const Values tied{8, 3, -2, 5, 10, 4, 1, 11, 0, 3, -3, 2};
    BOOST_TEST(wilcoxon_signed_rank(tied, zeros_for(tied)) == 0.0205078125);
    BOOST_TEST(wilcoxon_signed_rank(zeros_for(tied), tied) == 0.0205078125);
    // stats.wilcoxon([((i * 37) % 101) - 45 for i in range(250)], method="approx", correction=False).pvalue
    Values many;
    for (int i = 0; i < 250; ++i) many.push_back((i * 37) % 101 - 45);
    BOOST_TEST(wilcoxon_signed_rank(many, zeros_for(many)) == 0.013629387816504147);
    BOOST_TEST(wilcoxon_signed_rank(a, a) == 1);
    expect_error<ShapeError>([] { wilcoxon_signed_rank(a, c); }, {"wilcoxon_signed_rank"});
}

BOOST_AUTO_TEST_CASE(wilcoxon_takes_decimal_fractions_as_equal_that_are_equal_on_paper) {
    // In binary 0.3 - 0.2 and 0.4 - 0.3 differ; on paper all differences are 0.1, so that only signs count: 2 / 2^4.
    BOOST_TEST(wilcoxon_signed_rank(Values{0.3, 0.4, 0.8, 0.9}, Values{0.2, 0.3, 0.7, 0.8}) == 0.125);
}

BOOST_AUTO_TEST_CASE(holm_corrects_step_by_step) {
    // statsmodels.stats.multitest.multipletests([.01, .04, .03, .005, .2], method="holm")[1]
    BOOST_TEST(holm_corrected(Values{.01, .04, .03, .005, .2}) == (Values{0.04, 0.09, 0.09, 0.025, 0.2}),
               boost::test_tools::per_element());
    BOOST_TEST(holm_corrected(Values{0.7, 0.9}) == (Values{1, 1}), boost::test_tools::per_element());
    BOOST_TEST(holm_corrected(Values{}).empty());
}

BOOST_AUTO_TEST_SUITE_END()
