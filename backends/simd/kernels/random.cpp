// Random bits, one an element, and what dropout does with them.
#include "backends/simd/kernels/random.hpp"

namespace tapegrad::simd {
namespace {

void random_mask(const tg_context& context, const tg_call& call) {
    const Philox philox(input<std::uint32_t>(call, 0), static_cast<std::uint32_t>(call.integers[0]));
    draw_mask(context, philox, limit_of(call.integers[1]), call.integers[2], output<std::uint32_t>(call));
}

template <class T>
void masked_scale(const tg_context& context, const tg_call& call) {
    const T scale = static_cast<T>(call.reals[0]);
    parallel_for_elements(context, call.outputs[0].size, 1, [&](std::int64_t begin, std::int64_t end) {
        scale_range(input<T>(call, 0), input<std::uint32_t>(call, 1), scale, output<T>(call), begin, end);
    });
}

/// Mask and product in one pass: a mask's words are drawn while the elements are in the cache.
template <class T>
void dropout(const tg_context& context, const tg_call& call) {
    const Philox philox(input<std::uint32_t>(call, 1), static_cast<std::uint32_t>(call.integers[0]));
    const std::int64_t size = call.outputs[0].size;
    const Kept kept = kept_with(call.reals[0]);
    const T scale = static_cast<T>(kept.scale);
    std::uint32_t* const mask = output<std::uint32_t>(call, 1);
    constexpr std::int64_t piece = Philox::words * 32;
    parallel_for(context, divide_up(size, piece), 2 * piece, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t first = begin * piece; first < std::min(end * piece, size); first += piece) {
            const std::int64_t last = std::min(first + piece, size);
            draw_words(philox, kept.limit, size, mask, first / 32, divide_up(last, 32));
            scale_range(input<T>(call, 0), mask, scale, output<T>(call), first, last);
        }
    });
}

constexpr Kernel table[] = {
    {"dropout", {kernel<dropout<float>>, kernel<dropout<double>>}},
    {"random_mask", {nullptr, nullptr, kernel<random_mask>}},
    {"masked_scale", {kernel<masked_scale<float>>, kernel<masked_scale<double>>}},
};

}  // namespace

std::span<const Kernel> random_kernels() { return table; }

}  // namespace tapegrad::simd
