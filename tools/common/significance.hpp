// Whether a difference is more than chance: intervals and tests over repeated runs.
#pragma once

#include <span>
#include <vector>

namespace tapegrad {

struct Interval {
    double lower, upper;
};

/// The confidence interval of the mean of a normal population: mean -+ t(1 - (1 - level) / 2, n - 1) s / sqrt(n), with
/// the quantile t of Student's distribution. Throws ShapeError for less than two values.
Interval mean_interval(std::span<const double> values, double level = 0.95);

/// A difference of means and how sure it is.
struct DifferenceTest {
    double difference;  ///< mean of the first minus mean of the second
    Interval interval;  ///< 95 % confidence
    double t;           ///< the difference over its standard error
    double degrees;     ///< of freedom
    double p;           ///< two-sided: how likely |t| or more would be if the means were equal

    /// Whether the values spread by more than rounding. Where they do not there is no test: the interval is the
    /// difference alone, t 0 or infinite and p 1 or 0.
    bool has_spread() const { return interval.lower < interval.upper; }
};

/// Student's t-test of values that belong together, first[i] and second[i]. Throws ShapeError for different lengths and
/// for less than two pairs.
DifferenceTest paired_t_test(std::span<const double> first, std::span<const double> second);

/// Welch's t-test of two independent samples whose variances may differ, with the degrees of freedom of Welch and
/// Satterthwaite (B. L. Welch, "The generalization of 'Student's' problem when several different population variances
/// are involved", Biometrika 34, 1947). Throws ShapeError for less than two values on a side.
DifferenceTest welch_t_test(std::span<const double> first, std::span<const double> second);

/// The two-sided p of Wilcoxon's signed-rank test (F. Wilcoxon, "Individual comparisons by ranking methods", Biometrics
/// Bulletin 1(6), 1945), which assumes no normal distribution. Pairs without a difference are left out, equal
/// differences share the mean of their ranks. Up to 200 pairs the distribution is counted exactly, also with ties;
/// above that it is approximated by the normal one. 1 when no pair differs. Throws ShapeError for different lengths.
double wilcoxon_signed_rank(std::span<const double> first, std::span<const double> second);

/// Holm's correction of the p of several tests (S. Holm, "A simple sequentially rejective multiple test procedure",
/// Scandinavian Journal of Statistics 6(2), 1979), in the order given: each stays below a level with no more
/// probability than the level says that any of them does by chance.
std::vector<double> holm_corrected(std::span<const double> p);

}  // namespace tapegrad
