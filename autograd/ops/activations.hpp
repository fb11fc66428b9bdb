// Activation functions, element by element; f32 and f64.
#pragma once

#include "autograd/tensor.hpp"

namespace tapegrad {

/// 1 / (1 + exp(-x)).
Tensor sigmoid(const Tensor& x);
/// max(x, 0), with gradient 0 at 0.
Tensor relu(const Tensor& x);
/// x where x > 0, else negative_slope * x.
Tensor leaky_relu(const Tensor& x, double negative_slope = 0.01);
/// x where x > 0, else alpha * (exp(x) - 1) (Clevert et al. 2016). Throws ShapeError for an alpha below 0.
Tensor elu(const Tensor& x, double alpha = 1);

}  // namespace tapegrad
