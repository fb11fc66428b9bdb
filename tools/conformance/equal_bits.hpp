// Whether two computations made the same.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace tapegrad {

/// Bit for bit, NaN too.
inline bool have_equal_bits(const std::vector<double>& a, const std::vector<double>& b) {
    const auto bits = [](double x) { return std::bit_cast<std::uint64_t>(x); };
    return std::ranges::equal(a, b, {}, bits, bits);
}

}  // namespace tapegrad
