// Random masks, one bit an element, and what dropout does with them.
#include <algorithm>

#include "backends/cuda/kernels.cuh"
#include "backends/cuda/philox.cuh"
#include "backends/cuda/warp.cuh"

namespace tapegrad::cuda {
namespace {

__global__ void draw_mask(DrawnMask mask) {
    if (const std::int64_t w = thread_index(); w < mask.size()) mask.draw_word(w);
}
int random_mask(tg_context& context, tg_call& call) {
    const DrawnMask mask = {{input<std::uint32_t>(call, 0), static_cast<std::uint32_t>(call.integers[0]),
                             static_cast<std::uint32_t>(call.integers[1])},
                            output<std::uint32_t>(call),
                            call.integers[2]};
    return launch(context, "random_mask", draw_mask, one_thread_each(mask.size()), mask);
}

template <class T>
__global__ void scale_where_set(const T* x, const std::uint32_t* mask, T scale, T* y, std::int64_t size) {
    const std::int64_t i = thread_index();
    if (i < size) y[i] = is_set(mask, i) ? x[i] * scale : T(0);
}
template <class T>
int masked_scale(tg_context& context, tg_call& call) {
    const std::int64_t size = call.outputs[0].size;
    return launch(context, "masked_scale", scale_where_set<T>, one_thread_each(size), input<T>(call, 0),
                  input<std::uint32_t>(call, 1), static_cast<T>(call.reals[0]), output<T>(call), size);
}

struct Or {
    static __device__ std::uint32_t combine(std::uint32_t a, std::uint32_t b) { return a | b; }
};

/// Mask and product in one pass. A lane draws for 8 elements in a row, but reads and writes, as its warp goes along
/// what all its lanes drew, those that lie beside its neighbours'.
template <class T>
__global__ void draw_and_scale(const T* x, Draws draws, T scale, T* y, std::uint32_t* mask, std::int64_t size) {
    constexpr int draws_of_lane = 8;
    const std::int64_t block = thread_index(), lane = threadIdx.x % warp_size;
    const std::int64_t first = (block - lane) * draws_of_lane + lane;
    T values[draws_of_lane];  // on their way while the lane draws
    for (int k = 0; k < draws_of_lane; ++k) {
        const std::int64_t i = first + k * warp_size;
        values[k] = i < size ? x[i] : T(0);
    }
    const std::int64_t used = size - block * draws_of_lane;
    std::uint32_t bits = draws.mask_byte(static_cast<std::uint64_t>(block));
    if (used < draws_of_lane) bits = used > 0 ? bits & ((1u << used) - 1) : 0;
    for (int k = 0; k < draws_of_lane; ++k) {
        const std::int64_t i = first + k * warp_size;
        const int place = k * warp_size + static_cast<int>(lane);
        const bool kept = (__shfl_sync(whole_warp, bits, place / draws_of_lane) >> (place % draws_of_lane) & 1u) != 0;
        if (i < size) y[i] = kept ? values[k] * scale : T(0);
    }
    const std::uint32_t word = combine_lanes<Or>(bits << (block % 4 * 8), 4);
    if (block % 4 == 0 && used > 0) mask[block / 4] = word;
}
template <class T>
int dropout(tg_context& context, tg_call& call) {
    const std::int64_t size = call.outputs[0].size;
    const KeepThreshold keep = keep_threshold(call.reals[0]);
    const Draws draws = {input<std::uint32_t>(call, 1), static_cast<std::uint32_t>(call.integers[0]), keep.threshold};
    return launch(context, "dropout", draw_and_scale<T>, one_thread_each(divide_up(size, 8)), input<T>(call, 0), draws,
                  static_cast<T>(keep.scale), output<T>(call), output<std::uint32_t>(call, 1), size);
}

constexpr Kernel table[] = {
    {"dropout", {kernel<dropout<float>>, kernel<dropout<double>>}},
    {"random_mask", {nullptr, nullptr, kernel<random_mask>}},
    {"masked_scale", {kernel<masked_scale<float>>, kernel<masked_scale<double>>}},
};

}  // namespace

std::span<const Kernel> random_kernels() { return table; }

}  // namespace tapegrad::cuda
