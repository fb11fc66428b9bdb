// Elementwise arithmetic with NumPy's broadcasting. Both operands have one dtype, f32 or f64.
#pragma once

#include "autograd/tensor.hpp"

namespace tapegrad {

Tensor add(const Tensor& a, const Tensor& b);
/// b [F] added to every row of x [..., F]. Throws ShapeError where the widths differ.
Tensor add_bias(const Tensor& x, const Tensor& b);
Tensor sub(const Tensor& a, const Tensor& b);
Tensor mul(const Tensor& a, const Tensor& b);
Tensor div(const Tensor& a, const Tensor& b);
/// scale * x + shift, where both are numbers: a tape saves nothing for it. A shift of 0 adds nothing, so
/// that -0 stays; with another one, it is exactly x + shift where scale is 1.
Tensor affine(const Tensor& x, double scale, double shift);
inline Tensor neg(const Tensor& x) { return affine(x, -1, 0); }
/// x / divisor, correctly rounded.
Tensor div(const Tensor& x, double divisor);
/// a to the power of b; the gradient for b needs a > 0.
Tensor pow(const Tensor& a, const Tensor& b);
/// The larger of both; equal elements share the gradient.
Tensor maximum(const Tensor& a, const Tensor& b);
/// 1 where a > b, else 0; no gradient.
Tensor greater(const Tensor& a, const Tensor& b);
/// 1 where a == b, else 0; no gradient.
Tensor equal(const Tensor& a, const Tensor& b);
/// Elements of a where condition is not 0, of b elsewhere.
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);
/// Limited to [low, high]; no gradient flows where a limit holds.
Tensor clamp(const Tensor& x, double low, double high);

/// A scalar of the dtype and on the backend of `like`.
Tensor scalar_like(const Tensor& like, double value);

inline Tensor operator+(const Tensor& a, const Tensor& b) { return add(a, b); }
inline Tensor operator-(const Tensor& a, const Tensor& b) { return sub(a, b); }
inline Tensor operator*(const Tensor& a, const Tensor& b) { return mul(a, b); }
inline Tensor operator/(const Tensor& a, const Tensor& b) { return div(a, b); }
inline Tensor operator-(const Tensor& x) { return neg(x); }
inline Tensor operator+(const Tensor& a, double b) { return affine(a, 1, b); }
inline Tensor operator-(const Tensor& a, double b) { return affine(a, 1, -b); }
inline Tensor operator*(const Tensor& a, double b) { return affine(a, b, 0); }
inline Tensor operator/(const Tensor& a, double b) { return div(a, b); }
inline Tensor operator+(double a, const Tensor& b) { return affine(b, 1, a); }
inline Tensor operator-(double a, const Tensor& b) { return affine(b, -1, a); }
inline Tensor operator*(double a, const Tensor& b) { return affine(b, a, 0); }
inline Tensor operator/(double a, const Tensor& b) { return div(scalar_like(b, a), b); }

}  // namespace tapegrad
