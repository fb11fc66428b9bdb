// Random masks, one bit an element, and what dropout does with them.
#include <algorithm>

#include "backends/cuda/kernels.cuh"
#include "backends/cuda/philox.cuh"

namespace tapegrad::cuda {
namespace {

__global__ void draw_mask(Draws draws, std::uint32_t* mask, std::int64_t count) {
    const std::int64_t w = thread_index();
    if (w * 32 >= count) return;
    const std::int64_t used = count - w * 32;
    const std::uint32_t bits = draws.mask_word(static_cast<std::uint64_t>(w));
    mask[w] = used < 32 ? bits & ((1u << used) - 1) : bits;
}
int random_mask(tg_context& context, tg_call& call) {
    const Draws draws = {input<std::uint32_t>(call, 0), static_cast<std::uint32_t>(call.integers[0]),
                         static_cast<std::uint32_t>(call.integers[1])};
    const std::int64_t count = call.integers[2];
    return launch(context, "random_mask", draw_mask, one_thread_each(divide_up(count, 32)), draws,
                  output<std::uint32_t>(call), count);
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

constexpr Kernel table[] = {
    {"random_mask", {nullptr, nullptr, kernel<random_mask>}},
    {"masked_scale", {kernel<masked_scale<float>>, kernel<masked_scale<double>>}},
};

}  // namespace

std::span<const Kernel> random_kernels() { return table; }

}  // namespace tapegrad::cuda
