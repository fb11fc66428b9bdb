// One step of an optimizer for one parameter, as update ops: they overwrite their tensors and stand on no tape. What
// changes from step to step comes as scalars, tensors of shape [].
#pragma once

#include "autograd/tensor.hpp"

namespace tapegrad {

/// velocity = momentum * velocity + g;  w -= learning_rate * velocity, with g = grad + weight_decay * w.
void sgd_step(const Tensor& w, const Tensor& velocity, const Tensor& grad, const Tensor& learning_rate, double momentum,
              double weight_decay);

/// Adam (Kingma and Ba 2015, algorithm 1) with L2 (g = grad + weight_decay * w), or AdamW (Loshchilov and Hutter 2019,
/// algorithm 2) with decoupled decay (w -= learning_rate * weight_decay * w):
///   m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;
///   w -= learning_rate * (m * first_correction) / (sqrt(v * second_correction) + epsilon)
/// with first_correction = 1 / (1 - beta1^t) and second_correction = 1 / (1 - beta2^t).
struct AdamAttributes {
    double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay = 0;
    bool decoupled = false;
};
void adam_step(const Tensor& w, const Tensor& m, const Tensor& v, const Tensor& grad, const Tensor& learning_rate,
               const Tensor& first_correction, const Tensor& second_correction, const AdamAttributes& attributes);

}  // namespace tapegrad
