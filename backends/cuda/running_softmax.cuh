// A softmax whose largest score is not known yet: exponentials are those of the distance to the largest one so far, and
// sums of them shrink when a larger one comes. Where all scores come at once, as for most nodes, nothing shrinks.
#pragma once

#include "backends/cuda/warp.cuh"

namespace tapegrad::cuda {

/// What sums are multiplied by when the largest score rises.
template <class T>
__device__ T shrunk_by(T largest, T new_largest) {
    return largest == new_largest ? T(1) : exp(largest - new_largest);
}

/// What is subtracted from scores. Where all are -inf it is 0, so that their exponentials are 0; the sum of a softmax
/// is then divided by 1.
template <class T>
__device__ T shift_for(T largest) {
    return largest == Max::identity<T>() ? T(0) : largest;
}
template <class T>
__device__ T divisor_for(T sum) {
    return sum == T(0) ? T(1) : sum;
}

}  // namespace tapegrad::cuda
