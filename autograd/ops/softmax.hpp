// Softmax and its relatives along one axis, all after the largest element was subtracted.
#pragma once

#include "autograd/tensor.hpp"

namespace tapegrad {

/// log sum exp(x) along `axis`, which disappears.
Tensor logsumexp(const Tensor& x, std::int64_t axis = -1);
/// exp(x - logsumexp(x)).
Tensor softmax(const Tensor& x, std::int64_t axis = -1);
/// x - logsumexp(x).
Tensor log_softmax(const Tensor& x, std::int64_t axis = -1);

}  // namespace tapegrad
