// The exponential function where its argument is at most 0, as in a softmax.
#pragma once

#include "backends/simd/kernels/kernels.hpp"

namespace tapegrad::simd {

/// e^x for x <= 0 or NaN, with an error below 2 units in the last place; 0 below -87, where it would be denormal.
/// A third of the instructions of xsimd::exp. With n = x / ln 2 rounded, e^x = 2^n e^r, and r = x - n ln 2 is small
/// enough for the Taylor series.
template <class A>
xsimd::batch<float, A> exp_at_most_zero(const xsimd::batch<float, A>& x) {
    using B = xsimd::batch<float, A>;
    const B n = xsimd::nearbyint(x * B(1.44269504f));
    // ln 2 in two parts: n times the first is exact.
    const B r = xsimd::fnma(n, B(-2.12194440e-4f), xsimd::fnma(n, B(0.693359375f), x));
    B series(1.f / 720);
    for (const float coefficient : {1.f / 120, 1.f / 24, 1.f / 6, 0.5f, 1.f, 1.f})
        series = xsimd::fma(series, r, B(coefficient));
    const auto exponent = xsimd::to_int(n) << 23;  // added to that of the series
    const B power = xsimd::bitwise_cast<B>(xsimd::bitwise_cast<xsimd::batch<std::int32_t, A>>(series) + exponent);
    return xsimd::select(x < B(-87.f), B(0.f), power);
}

/// The same for f64, by xsimd's function.
template <class A>
xsimd::batch<double, A> exp_at_most_zero(const xsimd::batch<double, A>& x) {
    return xsimd::exp(x);
}

}  // namespace tapegrad::simd
