#include "tools/common/significance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>

#include "autograd/errors.hpp"
#include "tools/common/statistics.hpp"

namespace tapegrad {
namespace {

// In double alone: long double, which Boost takes by default, needs constants that are computed at every start, and
// that valgrind, whose long double is a double, cannot compute.
using InDouble = boost::math::policies::policy<boost::math::policies::promote_double<false>>;
using StudentsT = boost::math::students_t_distribution<double, InDouble>;
using Normal = boost::math::normal_distribution<double, InDouble>;

constexpr std::size_t most_counted_pairs = 200;

double upper_quantile(double degrees, double level) {
    return quantile(complement(StudentsT(degrees), (1 - level) / 2));
}

// What `first` and `second` may differ by although they were equal as decimal fractions on paper.
double rounding_of(std::span<const double> first, std::span<const double> second) {
    double largest = 0;
    for (const std::span<const double> values : {first, second})
        for (const double value : values) largest = std::max(largest, std::abs(value));
    return 1e-12 * largest;
}

DifferenceTest t_test(double difference, double standard_error, double degrees, double rounding) {
    // Without any spread but that of rounding there is no distribution of it either.
    if (standard_error <= rounding) {
        if (std::abs(difference) <= rounding) return {0, {0, 0}, 0, degrees, 1};
        const double t = std::copysign(std::numeric_limits<double>::infinity(), difference);
        return {difference, {difference, difference}, t, degrees, 0};
    }
    const double t = difference / standard_error;
    const double half = upper_quantile(degrees, 0.95) * standard_error;
    const double p = 2 * cdf(complement(StudentsT(degrees), std::abs(t)));
    return {difference, {difference - half, difference + half}, t, degrees, p};
}

std::vector<double> differences_of_pairs(const char* where, std::span<const double> first,
                                         std::span<const double> second) {
    if (first.size() != second.size())
        throw ShapeError(where, fmt::format("{} values to pair", first.size()), fmt::format("{}", second.size()),
                         "leave out what has no partner");
    std::vector<double> differences;
    for (std::size_t i = 0; i < first.size(); ++i) differences.push_back(first[i] - second[i]);
    return differences;
}

double variance_of_mean(std::span<const double> values) {
    const double deviation = standard_deviation(values);
    return deviation * deviation / static_cast<double>(values.size());
}

// Twice the rank of the size of each difference, counted from 1; equal ones share the mean, which may end in a half.
std::vector<std::int64_t> doubled_ranks(const std::vector<double>& differences) {
    std::vector<std::size_t> order(differences.size());
    std::iota(order.begin(), order.end(), 0u);
    const auto size = [&](std::size_t i) { return std::abs(differences[i]); };
    std::ranges::sort(order, {}, size);
    std::vector<std::int64_t> ranks(order.size());
    for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
        // Differences of decimal fractions that were equal on paper differ by rounding.
        while (end < order.size() && size(order[end]) - size(order[begin]) <= 1e-12) ++end;
        for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = static_cast<std::int64_t>(begin + end + 1);
    }
    return ranks;
}

// P(sum of the ranks with a random sign >= `sum`), by counting how often each sum comes about.
double probability_of_at_least(std::int64_t sum, const std::vector<std::int64_t>& ranks) {
    std::vector<double> probability(
        static_cast<std::size_t>(std::accumulate(ranks.begin(), ranks.end(), std::int64_t{0})) + 1);
    probability[0] = 1;
    for (const std::int64_t rank : ranks)
        for (std::size_t total = probability.size(); total-- > 0;) {
            const auto step = static_cast<std::size_t>(rank);
            probability[total] = (probability[total] + (total >= step ? probability[total - step] : 0)) / 2;
        }
    return std::accumulate(probability.begin() + sum, probability.end(), 0.0);
}

}  // namespace

Interval mean_interval(std::span<const double> values, double level) {
    const double error = std::sqrt(variance_of_mean(values));
    const double half = error * upper_quantile(static_cast<double>(values.size() - 1), level);
    return {mean(values) - half, mean(values) + half};
}

DifferenceTest paired_t_test(std::span<const double> first, std::span<const double> second) {
    const std::vector<double> differences = differences_of_pairs("paired_t_test", first, second);
    const double error = std::sqrt(variance_of_mean(differences));
    return t_test(mean(differences), error, static_cast<double>(differences.size() - 1), rounding_of(first, second));
}

DifferenceTest welch_t_test(std::span<const double> first, std::span<const double> second) {
    const double a = variance_of_mean(first), b = variance_of_mean(second);
    const auto n = static_cast<double>(first.size()), m = static_cast<double>(second.size());
    const double spread = a * a / (n - 1) + b * b / (m - 1);
    const double degrees = spread == 0 ? n + m - 2 : (a + b) * (a + b) / spread;
    return t_test(mean(first) - mean(second), std::sqrt(a + b), degrees, rounding_of(first, second));
}

double wilcoxon_signed_rank(std::span<const double> first, std::span<const double> second) {
    std::vector<double> differences = differences_of_pairs("wilcoxon_signed_rank", first, second);
    std::erase_if(differences, [](double difference) { return std::abs(difference) <= 1e-12; });
    if (differences.empty()) return 1;
    const std::vector<std::int64_t> ranks = doubled_ranks(differences);
    std::int64_t positive = 0, all = 0;
    double squares = 0;
    for (std::size_t i = 0; i < ranks.size(); ++i) {
        all += ranks[i];
        squares += static_cast<double>(ranks[i]) * static_cast<double>(ranks[i]);
        if (differences[i] > 0) positive += ranks[i];
    }
    const std::int64_t larger = std::max(positive, all - positive);
    if (ranks.size() <= most_counted_pairs) return std::min(1.0, 2 * probability_of_at_least(larger, ranks));
    // The mean and variance of a sum of ranks, each taken with probability 1/2.
    const double z = (static_cast<double>(larger) - static_cast<double>(all) / 2) / std::sqrt(squares / 4);
    return 2 * cdf(complement(Normal(), z));
}

std::vector<double> holm_corrected(std::span<const double> p) {
    std::vector<std::size_t> order(p.size());
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::sort(order, {}, [&](std::size_t i) { return p[i]; });
    std::vector<double> corrected(p.size());
    double least = 0;
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
        least = std::max(least, std::min(1.0, static_cast<double>(p.size() - rank) * p[order[rank]]));
        corrected[order[rank]] = least;
    }
    return corrected;
}

}  // namespace tapegrad
