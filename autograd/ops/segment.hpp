// Rows picked by an index, and rows reduced by one. The leading axis of the data is indexed, the others are carried
// along.
#pragma once

#include "autograd/grouping.hpp"

namespace tapegrad {

/// [G, ...] -> [E, ...]: row e of the result is row grouping.index[e] of x.
Tensor gather(const Tensor& x, const Grouping& grouping);
/// [E, ...] -> [G, ...]: the sum of each group's rows; an empty group gives zeros.
Tensor scatter_sum(const Tensor& x, const Grouping& grouping);
/// [E, ...] -> [G, ...]: the mean of each group's rows; an empty group gives zeros.
Tensor scatter_mean(const Tensor& x, const Grouping& grouping);
/// [E, ...] -> [G, ...]: the largest of each group; empty or all -inf gives 0; equal elements share the gradient.
Tensor scatter_max(const Tensor& x, const Grouping& grouping);
/// [E, ...] -> [E, ...]: softmax within each group, after its largest element was subtracted; all -inf gives zeros.
Tensor scatter_softmax(const Tensor& x, const Grouping& grouping);

}  // namespace tapegrad
