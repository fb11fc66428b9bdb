// One step of an optimizer for some parameters, as update ops: they overwrite their tensors and stand on no tape. What
// changes from step to step comes in a tensor, so that a recorded step goes on when it is replayed; so does a guard [],
// the loss for example: if it is not finite, everything stays as it is.
#pragma once

#include <array>
#include <span>

#include "autograd/tensor.hpp"

namespace tapegrad {

/// Of one parameter: w, velocity, grad; all of its shape.
using SgdTensors = std::array<Tensor, 3>;
/// velocity = momentum * velocity + g;  w -= learning_rate * velocity, with g = grad + weight_decay * w.
/// learning_rate is a scalar, [].
void sgd_step(std::span<const SgdTensors> parameters, const Tensor& learning_rate, double momentum, double weight_decay,
              const Tensor& guard = {});

/// Of one parameter: w, m, v, grad; all of its shape.
using AdamTensors = std::array<Tensor, 4>;
struct AdamAttributes {
    double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay = 0;
    bool decoupled = false;
};
/// Adam (Kingma and Ba 2015, algorithm 1) with L2 (g = grad + weight_decay * w), or AdamW (Loshchilov and Hutter 2019,
/// algorithm 2) with decoupled decay (w -= learning_rate * weight_decay * w):
///   m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;
///   w -= learning_rate * (m * first_correction) / (sqrt(v * second_correction) + epsilon)
/// with numbers [3] = {learning_rate, first_correction = 1 / (1 - beta1^t), second_correction = 1 / (1 - beta2^t)}.
void adam_step(std::span<const AdamTensors> parameters, const Tensor& numbers, const AdamAttributes& attributes,
               const Tensor& guard = {});

}  // namespace tapegrad
