// Dropout, and the two ops it is made of.
#pragma once

#include "autograd/random.hpp"

namespace tapegrad {

/// Each element is 0 with the given probability and scaled up by 1 / (1 - probability) otherwise (Srivastava et al.
/// 2014). The mask is drawn once, with 16 bits a decision, and kept for backward as one bit an element. Throws
/// ShapeError for a probability outside [0, 1].
Tensor dropout(const Tensor& x, double probability, const RandomSite& site);

/// i32 [ceil(count / 32)]: bit i is set with probability threshold / 65536.
Tensor random_mask(const RandomSite& site, std::int64_t count, std::int64_t threshold);
/// x * scale where the element's bit in the mask is set, else 0.
Tensor masked_scale(const Tensor& x, const Tensor& mask, double scale);

}  // namespace tapegrad
