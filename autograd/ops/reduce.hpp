// Reductions over axes; no axes means all of them. With keep_axes the reduced axes stay with extent 1.
#pragma once

#include "autograd/tensor.hpp"

namespace tapegrad {

Tensor sum(const Tensor& x, const Dims& axes = {}, bool keep_axes = false);
Tensor mean(const Tensor& x, const Dims& axes = {}, bool keep_axes = false);
/// NaN in means NaN out; equal largest elements share the gradient. Throws ShapeError for an empty axis.
Tensor max(const Tensor& x, const Dims& axes = {}, bool keep_axes = false);

}  // namespace tapegrad
