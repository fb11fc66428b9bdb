// Ops that put several tensors together.
#pragma once

#include <span>

#include "autograd/tensor.hpp"

namespace tapegrad {

/// Joined along an axis; all other extents are equal.
Tensor cat(std::span<const Tensor> parts, std::int64_t axis);
/// Joined along a new axis; all shapes are equal.
Tensor stack(std::span<const Tensor> parts, std::int64_t axis = 0);
}  // namespace tapegrad
