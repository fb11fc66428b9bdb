// What is said about repeated measurements.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace tapegrad {

/// The q-quantile by linear interpolation between the sorted values (type 7 of Hyndman and Fan, "Sample Quantiles in
/// Statistical Packages", The American Statistician 50(4), 1996; NumPy's default). Throws ShapeError without values.
double quantile(std::span<const double> values, double q);

/// Where repeated measurements lie.
struct Spread {
    double median = 0;
    double lower = 0;  ///< first quartile
    double upper = 0;  ///< third quartile
    double minimum = 0;
    std::size_t count = 0;
};

/// Throws ShapeError without values.
Spread spread_of(std::span<const double> values);

/// Every number of the spread times `factor`.
Spread scaled(const Spread& spread, double factor);

/// numerators[i] / denominators[i]. Throws ShapeError for different lengths.
std::vector<double> ratios(std::span<const double> numerators, std::span<const double> denominators);

/// The arithmetic mean. Throws ShapeError without values.
double mean(std::span<const double> values);

/// The standard deviation of a sample: the sum of squared distances from the mean is divided by n - 1. Throws
/// ShapeError for less than two values.
double standard_deviation(std::span<const double> values);

/// exp of the mean of the logarithms. Throws ShapeError without values and for one that is not above 0.
double geometric_mean(std::span<const double> values);

}  // namespace tapegrad
