// Functions of whole vectors: those of xsimd, with what they get wrong put right.
#pragma once

#include "backends/simd/kernels/kernels.hpp"

namespace tapegrad::simd {

template <class T>
Batch<T> exponential(const Batch<T>& x) {
    return xsimd::exp(x);
}

template <class T>
Batch<T> exponential_minus_1(const Batch<T>& x) {
    return xsimd::expm1(x);
}

template <class T>
Batch<T> logarithm(const Batch<T>& x) {
    return xsimd::log(x);
}

template <class T>
Batch<T> logarithm_of_1_plus(const Batch<T>& x) {
    return xsimd::log1p(x);
}

template <class T>
Batch<T> hyperbolic_tangent(const Batch<T>& x) {
    return xsimd::tanh(x);
}

template <class T>
Batch<T> error_function(const Batch<T>& x) {
    return xsimd::erf(x);
}

template <class T>
Batch<T> power(const Batch<T>& a, const Batch<T>& b) {
    return xsimd::pow(a, b);
}

}  // namespace tapegrad::simd
