// Matrix products.
#pragma once

#include "autograd/tensor.hpp"

namespace tapegrad {

/// [..., M, K] x [..., K, N] -> [..., M, N]; leading axes broadcast. With transpose_a, a is [..., K, M]; with
/// transpose_b, b is [..., N, K]. f32 and f64.
Tensor matmul(const Tensor& a, const Tensor& b, bool transpose_a = false, bool transpose_b = false);

}  // namespace tapegrad
