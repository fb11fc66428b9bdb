// From the bytes that a backend holds to numbers on the host.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "autograd/shape.hpp"

namespace tapegrad {

/// Of elements that are stored as `Stored`.
template <typename Stored, typename T>
std::vector<T> stored_elements_as(std::size_t count, const auto& fill) {
    std::vector<Stored> stored(count);
    fill(stored.data());
    if constexpr (std::is_same_v<Stored, T>)
        return stored;
    else
        return std::vector<T>(stored.begin(), stored.end());
}

/// `count` elements of a dtype as numbers of type T; `fill` is called with the place to write them to.
template <typename T>
std::vector<T> elements_as(DType dtype, std::size_t count, const auto& fill) {
    switch (dtype) {
        case DType::f32:
            return stored_elements_as<float, T>(count, fill);
        case DType::f64:
            return stored_elements_as<double, T>(count, fill);
        case DType::i32:
            return stored_elements_as<std::int32_t, T>(count, fill);
    }
    return {};
}

}  // namespace tapegrad
