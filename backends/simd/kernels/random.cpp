// Random bits, one an element, and what dropout does with them.
#include "backends/simd/kernels/random.hpp"

namespace tapegrad::simd {
namespace {

/// The 16-bit number below or equal to which a draw counts, or -1 if none does.
std::int64_t limit_of(std::int64_t threshold) { return std::clamp<std::int64_t>(threshold, 0, 65536) - 1; }

/// The bits of words begin .. end-1 of a mask with `count` bits.
void draw_words(const Philox& philox, std::int64_t limit, std::int64_t count, std::uint32_t* mask, std::int64_t begin,
                std::int64_t end) {
    for (std::int64_t word = begin; word < end; word += Philox::words) {
        const std::int64_t words = std::min(Philox::words, end - word);
        if (limit < 0) {
            std::fill_n(mask + word, words, 0u);
            continue;
        }
        std::uint32_t bits[Philox::words];
        philox.draw(static_cast<std::uint64_t>(word) * 4, static_cast<std::uint16_t>(limit), bits);
        std::copy_n(bits, words, mask + word);
    }
    if (end * 32 > count) mask[end - 1] &= 0xFFFFFFFFu >> (end * 32 - count);
}

void random_mask(const tg_context& context, const tg_call& call) {
    const Philox philox(input<std::uint32_t>(call, 0), static_cast<std::uint32_t>(call.integers[0]));
    const std::int64_t limit = limit_of(call.integers[1]), count = call.integers[2];
    const std::int64_t words = divide_up(count, 32);
    parallel_for(context, divide_up(words, Philox::words), 512, [&](std::int64_t begin, std::int64_t end) {
        draw_words(philox, limit, count, output<std::uint32_t>(call), begin * Philox::words,
                   std::min(end * Philox::words, words));
    });
}

/// x * scale where the mask has a bit, else 0; begin is a multiple of 32.
template <class T>
void scale_range(const T* x, const std::uint32_t* mask, T scale, T* y, std::int64_t begin, std::int64_t end) {
    const auto at = [&](std::int64_t i) {
        return keep_where_set(load(x + i) * Batch<T>(scale), mask[i / 32] >> (i % 32));
    };
    std::int64_t i = begin;
    for (; i + lanes<T> <= end; i += lanes<T>) at(i).store_unaligned(y + i);
    if (i < end) store_first(y + i, at(i), end - i);
}

template <class T>
void masked_scale(const tg_context& context, const tg_call& call) {
    const T scale = static_cast<T>(call.reals[0]);
    parallel_for_elements(context, call.outputs[0].size, 1, [&](std::int64_t begin, std::int64_t end) {
        scale_range(input<T>(call, 0), input<std::uint32_t>(call, 1), scale, output<T>(call), begin, end);
    });
}

constexpr Kernel table[] = {
    {"random_mask", {nullptr, nullptr, kernel<random_mask>}},
    {"masked_scale", {kernel<masked_scale<float>>, kernel<masked_scale<double>>}},
};

}  // namespace

std::span<const Kernel> random_kernels() { return table; }

}  // namespace tapegrad::simd
