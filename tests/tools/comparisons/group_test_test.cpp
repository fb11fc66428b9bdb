#include "tools/comparisons/group_test.hpp"

#include <boost/test/unit_test.hpp>
#include <vector>

using namespace tapegrad;
using Values = std::vector<SeedValue>;

namespace {

const RunMetric accuracy = describe_metric("test_accuracy"), loss = describe_metric("test_loss");

Values seeds_from(std::int64_t first, const std::vector<double>& numbers) {
    Values values;
    for (const double number : numbers) values.push_back({first++, number});
    return values;
}

const Values a = seeds_from(0, {.829, .835, .831, .824, .838, .826, .830, .841});
const Values b = seeds_from(0, {.821, .832, .833, .819, .828, .822, .829, .830});
const std::vector<double> c{.810, .825, .819, .802, .834};

std::string words(const Values& first, const Values& second, const RunMetric& metric, std::size_t tests = 1) {
    return in_words(test_difference(first, second), "A", "B", metric, tests);
}

}  // namespace

// Expected numbers are those of SciPy 1.17.1; the calls stand above them.
BOOST_AUTO_TEST_SUITE(tools_comparisons_group_test, *boost::unit_test::tolerance(1e-10))

BOOST_AUTO_TEST_CASE(runs_of_equal_seed_are_paired) {
    // stats.ttest_rel(b, a) and its confidence_interval(); stats.wilcoxon(b - a, method="exact"), and by enumeration of
    // the 256 signs
    const GroupTest test = test_difference(a, b);
    BOOST_TEST(test.pairs == 8u);
    BOOST_TEST(test.difference == -0.005);
    BOOST_TEST(test.p == 0.01587780383518859);
    BOOST_TEST(test.test->t == -3.1622776601683795);
    BOOST_TEST(test.test->interval.lower == -0.008738799222752124);
    BOOST_TEST(test.test->interval.upper == -0.0012612007772478842);
    BOOST_TEST(test.wilcoxon.value() == 0.0234375);
    BOOST_TEST(in_words(test, "A", "B", accuracy, 1) ==
               "A is better than B by 0.50 points (95 % interval 0.13 to 0.87, paired over 8 seeds, p = 0.016).");
}

BOOST_AUTO_TEST_CASE(runs_without_a_partner_do_not_count_in_pairs) {
    // stats.ttest_rel(c, a[:5])
    const GroupTest test = test_difference(a, seeds_from(0, c));
    BOOST_TEST(test.pairs == 5u);
    BOOST_TEST(test.p == 0.014108837987254149);
    BOOST_TEST(test.difference == -0.0134);
}

BOOST_AUTO_TEST_CASE(runs_of_other_seeds_are_not_paired) {
    // stats.ttest_ind(c, a, equal_var=False) and its confidence_interval()
    for (const std::int64_t first_seed : {100, 7, 6}) {  // with 0, 1 and 2 of 5 seeds in both
        const GroupTest test = test_difference(a, seeds_from(first_seed, c));
        BOOST_TEST(test.pairs == 0u);
        BOOST_TEST(!test.wilcoxon);
        BOOST_TEST(test.p == 0.06815974797997718);
        BOOST_TEST(test.test->degrees == 5.113237324322219);
        BOOST_TEST(test.test->interval.lower == -0.028980994760535107);
        BOOST_TEST(in_words(test, "A", "B", accuracy, 1) ==
                   "No difference can be told between A and B: B minus A is -1.38 points (95 % interval -2.90 to 0.15, "
                   "8 and 5 runs, not paired, p = 0.068).");
    }
    BOOST_TEST(test_difference(a, seeds_from(5, c)).pairs == 3u);
}

BOOST_AUTO_TEST_CASE(several_tests_are_corrected) {
    // Holm by hand: the smaller p times 2, the larger one as it is.
    const std::vector<Values> groups{a, b, seeds_from(100, c), seeds_from(0, {0.5})};
    const std::vector<GroupTest> tests = test_against_first(groups);
    BOOST_TEST(tests.size() == 3u);
    BOOST_TEST(tests[0].p == 2 * 0.01587780383518859);
    BOOST_TEST(tests[0].test->p == 0.01587780383518859);
    BOOST_TEST(tests[1].p == 0.06815974797997718);
    BOOST_TEST(!tests[2].test);
    BOOST_TEST(in_words(tests[0], "A", "B", accuracy, 2) ==
               "A is better than B by 0.50 points (95 % interval 0.13 to 0.87 for this difference alone, paired over 8 "
               "seeds, p = 0.032 after Holm's correction for 2 tests).");
}

BOOST_AUTO_TEST_CASE(what_is_better_depends_on_the_metric) {
    BOOST_TEST(words(a, b, accuracy).starts_with("A is better than B by 0.50 points (95 % interval 0.13 to 0.87"));
    BOOST_TEST(words(b, a, accuracy).starts_with("B is better than A by 0.50 points (95 % interval 0.13 to 0.87"));
    BOOST_TEST(words(a, b, loss).starts_with("B is better than A by 0.0050 (95 % interval 0.0013 to 0.0087"));
    BOOST_TEST(words(a, b, describe_metric("best_epoch")).starts_with("A is higher than B by "));
}

BOOST_AUTO_TEST_CASE(single_runs_prove_nothing) {
    const Values one = seeds_from(0, {0.8}), other = seeds_from(0, {0.9});
    BOOST_TEST(!test_difference(one, other).test);
    BOOST_TEST(words(one, other, accuracy) ==
               "B minus A is 10.00 points, with one seed each: that tells nothing about significance. Train several "
               "seeds.");
    BOOST_TEST(
        words(a, other, accuracy) ==
        "B minus A is 6.83 points, with one run and 8 runs: a test needs at least two of each. Train more seeds.");
}

BOOST_AUTO_TEST_CASE(values_without_spread_need_no_test) {
    BOOST_TEST(words(a, a, accuracy) == "A and B have the same test_accuracy in each of 8 pairs of equal seed.");
    BOOST_TEST(words(seeds_from(0, {0.25, 0.5}), seeds_from(0, {0.5, 0.75}), accuracy) ==
               "B is better than A by 25.00 points in each of 2 pairs of equal seed.");
    BOOST_TEST(words(seeds_from(0, {0.25, 0.25}), seeds_from(7, {0.5, 0.5}), loss) ==
               "A is better than B by 0.2500 in all runs.");
}

BOOST_AUTO_TEST_CASE(disagreement_with_wilcoxon_is_told) {
    // stats.ttest_1samp(d, 0).pvalue is 0.34 for the outlier, stats.wilcoxon(d, method="exact").pvalue 0.015625 for 7
    // pairs of one sign.
    const std::vector<double> d{0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.3};
    const std::string told = words(seeds_from(0, std::vector<double>(7, 0.0)), seeds_from(0, d), accuracy);
    BOOST_TEST(told.starts_with("No difference can be told"));
    BOOST_TEST(told.ends_with(" Wilcoxon's signed-rank test does not agree (p = 0.016): look at the single runs."));
    BOOST_TEST(words(a, b, accuracy).find("Wilcoxon") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(p_is_written_with_two_digits_that_count) {
    BOOST_TEST(p_text(0.00001) == "p < 0.0001");
    BOOST_TEST(p_text(0.00042) == "p = 0.0004");
    BOOST_TEST(p_text(0.0421) == "p = 0.042");
    BOOST_TEST(p_text(0.5) == "p = 0.50");
}

BOOST_AUTO_TEST_SUITE_END()
