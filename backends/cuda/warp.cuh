// What lanes of a warp do together. A group is a power of two of neighbouring lanes of one warp; all lanes of the warp
// have to be there, also those whose group has nothing to do.
#pragma once

#include <cmath>
#include <cstdint>

#include "backends/cuda/launch.cuh"

// 32 on every device. The tests compile the kernels for narrower warps too, so that nothing depends on it.
#ifndef TAPEGRAD_CUDA_WARP_SIZE
#define TAPEGRAD_CUDA_WARP_SIZE 32
#endif

namespace tapegrad::cuda {

constexpr int warp_size = TAPEGRAD_CUDA_WARP_SIZE;
constexpr unsigned whole_warp = 0xffffffffu >> (32 - warp_size);
constexpr int warps_of_block = 256 / warp_size;

/// The smallest group that has a lane for each of `count` items, or the warp.
inline int group_for(std::int64_t count) {
    int lanes = 1;
    while (lanes < warp_size && lanes < count) lanes *= 2;
    return lanes;
}

/// Blocks in which each of `count` items has a group of `lanes` lanes.
inline Grid one_group_each(std::int64_t count, int lanes) { return one_thread_each(count * lanes); }

/// The larger of both, a NaN if one is a NaN.
template <class T>
__device__ T larger(T a, T b) {
    return a > b || a != a ? a : b;
}

/// What a row is reduced by.
struct Sum {
    template <class T>
    static __device__ T identity() {
        return T(0);
    }
    template <class T>
    static __device__ T combine(T a, T b) {
        return a + b;
    }
};
struct Max {
    template <class T>
    static __device__ T identity() {
        return -static_cast<T>(INFINITY);
    }
    template <class T>
    static __device__ T combine(T a, T b) {
        return larger(a, b);
    }
};

/// `value` of lanes that lie `distance` * 2^k apart, up to `lanes`, combined; every lane gets the result. The order is
/// that of a tree, and the same for every lane.
template <class Reduction, class T>
__device__ T combine_lanes(T value, int lanes, int distance = 1) {
    for (; distance < lanes; distance *= 2)
        value = Reduction::combine(value, __shfl_xor_sync(whole_warp, value, distance));
    return value;
}

}  // namespace tapegrad::cuda
