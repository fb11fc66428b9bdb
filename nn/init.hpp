// Initial values of parameters.
#pragma once

#include <cstdint>

#include "nn/layer_registry.hpp"

namespace tapegrad {

/// How many values one output of a map is computed from, and how many outputs one input takes part in.
struct Fans {
    std::int64_t in;
    std::int64_t out;
};

/// Uniform within +-sqrt(6 / (fan_in + fan_out)): Glorot and Bengio, "Understanding the difficulty of training deep
/// feedforward neural networks", AISTATS 2010, equation 16.
Tensor glorot_uniform(const Shape& shape, Fans fans, const LayerInputs& inputs);
/// Normal with mean 0 and the same variance, 2 / (fan_in + fan_out): equation 12 there.
Tensor glorot_normal(const Shape& shape, Fans fans, const LayerInputs& inputs);
Tensor zeros(const Shape& shape, const LayerInputs& inputs);

}  // namespace tapegrad
