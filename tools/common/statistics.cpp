#include "tools/common/statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "autograd/errors.hpp"

namespace tapegrad {
namespace {

void check_not_empty(const char* where, std::span<const double> values) {
    if (values.empty()) throw ShapeError(where, "at least one value", "none", "measure at least once");
}

double quantile_of_sorted(const std::vector<double>& sorted, double q) {
    const double position = q * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(position);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return std::lerp(sorted[below], sorted[above], position - static_cast<double>(below));
}

std::vector<double> sorted(std::span<const double> values) {
    std::vector<double> result(values.begin(), values.end());
    std::ranges::sort(result);
    return result;
}

}  // namespace

double quantile(std::span<const double> values, double q) {
    check_not_empty("quantile", values);
    return quantile_of_sorted(sorted(values), q);
}

Spread spread_of(std::span<const double> values) {
    check_not_empty("spread_of", values);
    const std::vector<double> ascending = sorted(values);
    return {.median = quantile_of_sorted(ascending, 0.5),
            .lower = quantile_of_sorted(ascending, 0.25),
            .upper = quantile_of_sorted(ascending, 0.75),
            .minimum = ascending.front(),
            .count = ascending.size()};
}

Spread scaled(const Spread& spread, double factor) {
    return {spread.median * factor, spread.lower * factor, spread.upper * factor, spread.minimum * factor,
            spread.count};
}

std::vector<double> ratios(std::span<const double> numerators, std::span<const double> denominators) {
    if (numerators.size() != denominators.size())
        throw ShapeError("ratios", fmt::format("{} denominators", numerators.size()),
                         fmt::format("{}", denominators.size()), "measure both sides equally often");
    std::vector<double> result;
    for (std::size_t i = 0; i < numerators.size(); ++i) result.push_back(numerators[i] / denominators[i]);
    return result;
}

double mean(std::span<const double> values) {
    check_not_empty("mean", values);
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double standard_deviation(std::span<const double> values) {
    if (values.size() < 2)
        throw ShapeError("standard_deviation", "at least two values", fmt::format("{}", values.size()),
                         "measure at least twice");
    const double centre = mean(values);
    double squares = 0;
    for (const double value : values) squares += (value - centre) * (value - centre);
    return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

double geometric_mean(std::span<const double> values) {
    check_not_empty("geometric_mean", values);
    double logarithms = 0;
    for (const double value : values) {
        if (!(value > 0))
            throw ShapeError("geometric_mean", "values above 0", fmt::format("{}", value), "leave it out");
        logarithms += std::log(value);
    }
    return std::exp(logarithms / static_cast<double>(values.size()));
}

}  // namespace tapegrad
