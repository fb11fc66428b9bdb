// Elementary functions, element by element; f32 and f64.
#pragma once

#include "autograd/tensor.hpp"

namespace tapegrad {

Tensor exp(const Tensor& x);
/// exp(x) - 1, exact near 0.
Tensor expm1(const Tensor& x);
Tensor log(const Tensor& x);
/// log(1 + x), exact near 0.
Tensor log1p(const Tensor& x);
Tensor sqrt(const Tensor& x);
Tensor tanh(const Tensor& x);
Tensor erf(const Tensor& x);

}  // namespace tapegrad
