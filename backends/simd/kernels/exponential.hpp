// The exponential function where its argument is at most 0, as in a softmax.
#pragma once

#include "backends/simd/kernels/kernels.hpp"

namespace tapegrad::simd {

/// e^x = 2^power e^rest, with |rest| <= ln 2 / 2.
template <class A>
struct SplitExponent {
    using B = xsimd::batch<float, A>;
    using Integers = xsimd::batch<std::int32_t, A>;

    explicit SplitExponent(const B& x) {
        const B n = xsimd::nearbyint(x * B(1.44269504f));
        // ln 2 in two parts: n times the first is exact.
        rest = xsimd::fnma(n, B(-2.12194440e-4f), xsimd::fnma(n, B(0.693359375f), x));
        shift = xsimd::to_int(n) << 23;
    }
    /// y * 2^power, for a y that is normal before and after.
    B scaled(const B& y) const { return bits_as<float>(bits_as<std::int32_t>(y) + shift); }

    B rest;
    Integers shift;
};

/// (e^x - 1) / x for |x| <= ln 2 / 2, by the Taylor series.
template <class A>
xsimd::batch<float, A> exponential_quotient(const xsimd::batch<float, A>& x) {
    xsimd::batch<float, A> series(1.f / 5040);
    for (const float coefficient : {1.f / 720, 1.f / 120, 1.f / 24, 1.f / 6, 0.5f, 1.f})
        series = xsimd::fma(series, x, xsimd::batch<float, A>(coefficient));
    return series;
}

/// e^x for x <= 0 or NaN, with an error below 2 units in the last place; 0 below -87.33, where it would be denormal.
/// A third of the instructions of xsimd::exp.
template <class A>
xsimd::batch<float, A> exp_at_most_zero(const xsimd::batch<float, A>& x) {
    using B = xsimd::batch<float, A>;
    const SplitExponent<A> split(x);
    const B y = split.scaled(xsimd::fma(exponential_quotient(split.rest), split.rest, B(1.f)));
    return xsimd::select(x < B(-87.33f), B(0.f), y);
}

/// e^x - 1 for x <= 0 or NaN, with an error below 2 units in the last place: 2^n (e^r - 1) + (2^n - 1), where the last
/// term is exact as long as it matters.
template <class A>
xsimd::batch<float, A> expm1_at_most_zero(const xsimd::batch<float, A>& x) {
    using B = xsimd::batch<float, A>;
    const SplitExponent<A> split(x);
    const B power = split.scaled(B(1.f));
    const B y = xsimd::fma(power, exponential_quotient(split.rest) * split.rest, power - B(1.f));
    return xsimd::select(x < B(-20.f), B(-1.f), y);
}

/// The same for f64, by xsimd's functions.
template <class A>
xsimd::batch<double, A> exp_at_most_zero(const xsimd::batch<double, A>& x) {
    return xsimd::exp(x);
}
template <class A>
xsimd::batch<double, A> expm1_at_most_zero(const xsimd::batch<double, A>& x) {
    return xsimd::expm1(x);
}

}  // namespace tapegrad::simd
