// Ops that move elements and compute nothing. Negative axes count from the back.
#pragma once

#include "autograd/tensor.hpp"

namespace tapegrad {

/// The same elements under another shape; shares the memory. One extent may be -1: what is left over.
Tensor reshape(const Tensor& x, const Shape& shape);
/// Axis i of the result is axis permutation[i] of x.
Tensor transpose(const Tensor& x, const Dims& permutation);
/// The last two axes exchanged.
Tensor transpose(const Tensor& x);
/// x repeated to `shape` by NumPy's broadcasting.
Tensor expand(const Tensor& x, const Shape& shape);
/// Elements start[i], start[i] + step[i], ... below stop[i] on each axis; steps are 1 or more.
Tensor slice(const Tensor& x, const Dims& start, const Dims& stop, const Dims& step);
Tensor slice(const Tensor& x, const Dims& start, const Dims& stop);
/// Elements start .. stop-1 of one axis.
Tensor narrow(const Tensor& x, std::int64_t axis, std::int64_t start, std::int64_t stop);
/// Zeros of `shape` with x written where `slice(start, step)` would read: the gradient of slice.
Tensor embed(const Tensor& x, const Shape& shape, const Dims& start, const Dims& step);
/// Converted to another dtype; the gradient is converted back. To i32 nothing flows.
Tensor cast(const Tensor& x, DType dtype);

}  // namespace tapegrad
