// Functions of whole vectors: those of xsimd, with what they get wrong put right. Each is right to 3 units in the last
// place over the whole range.
#pragma once

#include <cmath>
#include <limits>
#include <type_traits>

#include "backends/simd/kernels/kernels.hpp"

namespace tapegrad::simd {

/// f of each lane, where there are no vectors of it that are right.
template <class T, class... Vectors>
Batch<T> lane_by_lane(const auto& f, const Batch<T>& x, const Vectors&... more) {
    alignas(64) T elements[1 + sizeof...(more)][lanes<T>];
    x.store_aligned(elements[0]);
    std::size_t k = 1;
    (more.store_aligned(elements[k++]), ...);
    for (std::int64_t i = 0; i < lanes<T>; ++i) {
        if constexpr (sizeof...(more) == 0)
            elements[0][i] = f(elements[0][i]);
        else
            elements[0][i] = f(elements[0][i], elements[1][i]);
    }
    return Batch<T>::load_aligned(elements[0]);
}

/// xsimd ends at the smallest normal number and somewhat below the largest.
template <class T>
Batch<T> exponential(const Batch<T>& x) {
    constexpr bool is_float = sizeof(T) == 4;
    const Batch<T> size = xsimd::abs(x), y = xsimd::exp(x);
    const auto at_an_end = (size > Batch<T>(is_float ? T(87) : T(707))) & (size < Batch<T>(is_float ? T(105) : T(746)));
    if (!xsimd::any(at_an_end)) [[likely]]
        return y;
    const Batch<T> root = xsimd::exp(x * Batch<T>(T(0.5)));
    return xsimd::select(at_an_end, root * root, y);
}

template <class T>
Batch<T> exponential_minus_1(const Batch<T>& x) {
    const Batch<T> y = xsimd::select(x == Batch<T>(0), x, xsimd::expm1(x));  // keeps -0
    const auto large = x > Batch<T>(sizeof(T) == 4 ? T(87) : T(707));
    return xsimd::any(large) ? xsimd::select(large, exponential(x), y) : y;
}

/// xsimd takes denormal doubles for larger ones.
template <class T>
Batch<T> logarithm(const Batch<T>& x) {
    const Batch<T> y = xsimd::log(x);
    const auto denormal = (x < Batch<T>(std::numeric_limits<T>::min())) & (x > Batch<T>(0));
    if (!xsimd::any(denormal)) [[likely]]
        return y;
    constexpr T scale = sizeof(T) == 4 ? T(0x1p24) : T(0x1p54),
                log_scale = sizeof(T) == 4 ? T(16.635532333438686) : T(37.42994775023705);
    return xsimd::select(denormal, xsimd::log(x * Batch<T>(scale)) - Batch<T>(log_scale), y);
}

template <class T>
Batch<T> logarithm_of_1_plus(const Batch<T>& x) {
    return xsimd::select(x == Batch<T>(0), x, xsimd::log1p(x));  // keeps -0
}

template <class T>
Batch<T> hyperbolic_tangent(const Batch<T>& x) {
    return xsimd::tanh(x);
}

/// xsimd's for double has 12 right digits.
template <class T>
Batch<T> error_function(const Batch<T>& x) {
    if constexpr (std::is_same_v<T, double>)
        return lane_by_lane([](double lane) { return std::erf(lane); }, x);
    else
        return xsimd::erf(x);
}

/// exp(b log |a|), in double; its error grows with the exponent.
inline Batch<float> power_of_size(const Batch<float>& a, const Batch<float>& b) {
    constexpr std::int64_t half = lanes<double>;
    alignas(64) float size[lanes<float>], exponent[lanes<float>];
    alignas(64) double result[lanes<float>];
    xsimd::abs(a).store_aligned(size);
    b.store_aligned(exponent);
    for (std::int64_t i = 0; i < lanes<float>; i += half) {
        const auto log_size = xsimd::log(Batch<double>::load_unaligned(size + i));
        xsimd::exp(Batch<double>::load_unaligned(exponent + i) * log_size).store_aligned(result + i);
    }
    std::copy(std::begin(result), std::end(result), size);
    return Batch<float>::load_aligned(size);
}

/// a^b with the special cases of IEEE 754.
inline Batch<float> power(const Batch<float>& a, const Batch<float>& b) {
    using Vector = Batch<float>;
    const Vector one(1), infinite(std::numeric_limits<float>::infinity());
    const auto is_one = (b == Vector(0)) | (a == one) | ((a == -one) & (xsimd::abs(b) == infinite));
    const Vector size = xsimd::select(is_one, one, power_of_size(a, b));
    const Vector sign = xsimd::bitofsign(a);
    const Vector half = b * Vector(0.5f);
    const auto is_integer = xsimd::floor(b) == b, is_even = xsimd::floor(half) == half;
    const Vector signed_size = xsimd::select(is_integer & !is_even, size | sign, size);
    const auto undefined = (a < Vector(0)) & (a != -infinite) & !is_integer & (b == b);
    return xsimd::select(undefined, Vector(std::numeric_limits<float>::quiet_NaN()), signed_size);
}

inline Batch<double> power(const Batch<double>& a, const Batch<double>& b) {
    return lane_by_lane([](double x, double y) { return std::pow(x, y); }, a, b);
}

}  // namespace tapegrad::simd
