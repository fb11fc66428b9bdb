// Plain index arithmetic that the tests of the ops hold against them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "autograd/shape.hpp"

namespace tapegrad::testing {

using Index = std::vector<std::int64_t>;

/// The indices of all elements of an array, row-major.
inline std::vector<Index> indices(const Shape& shape) {
    std::vector<Index> all = {{}};
    for (const std::int64_t extent : shape) {
        std::vector<Index> longer;
        for (const Index& index : all)
            for (std::int64_t i = 0; i < extent; ++i) {
                longer.push_back(index);
                longer.back().push_back(i);
            }
        all = std::move(longer);
    }
    return all;
}

/// Where an element lies in a row-major array. The index may be longer than the shape (the axes meet at the back), and
/// an axis of extent 1 holds all its elements.
inline std::size_t position(const Shape& shape, const Index& index) {
    std::int64_t place = 0;
    for (std::size_t axis = 0; axis < shape.rank(); ++axis)
        place = place * shape[axis] + (shape[axis] == 1 ? 0 : index[index.size() - shape.rank() + axis]);
    return static_cast<std::size_t>(place);
}

/// As many numbers of both signs, none of them 0, exact in f32; `seed` shifts them. Repeats after 211.
inline std::vector<double> numbers(const Shape& shape, std::int64_t seed = 0) {
    std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<double>((static_cast<std::int64_t>(i) * 89 + seed * 31) % 211 - 105) / 32 + 1.0 / 64;
    return values;
}

}  // namespace tapegrad::testing
