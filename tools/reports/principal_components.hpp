// Principal component analysis (Pearson 1901, Hotelling 1933), as far as a map needs it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace tapegrad {

/// Rows seen along the two directions in which they vary most.
struct PrincipalComponents {
    std::vector<double> x, y;         ///< [N]: each row's distance from the mean along the first and second direction
    std::array<double, 2> explained;  ///< the fraction of the variance along each
};

/// Of `values` [N, D]. The element of the largest magnitude of each direction is positive, so that equal values always
/// give the same map. Directions in which nothing varies give zeros. Takes N D^2 + D^2 operations a few hundred times.
PrincipalComponents principal_components(std::span<const float> values, std::int64_t width);

}  // namespace tapegrad
