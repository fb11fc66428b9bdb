// Philox in whole vectors, and masks of one bit an element.
#pragma once

#include <immintrin.h>

#include <cmath>

#include "backends/simd/kernels/kernels.hpp"

namespace tapegrad::simd {

/// Philox4x32 with 10 rounds: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011. Each
/// lane of 64 bits holds one word of one counter, because products of words have 64 bits.
class Philox {
    using Words = Batch<std::uint64_t>;
    static constexpr std::int64_t counters = lanes<std::uint64_t>;
    static constexpr std::size_t rounds = 10;

public:
    /// Words of 32 decisions that one call of `draw` makes; each counter makes eight decisions.
    static constexpr std::int64_t words = 16;

    /// From the tensor {seed low, seed high, step}.
    Philox(const std::uint32_t* key, std::uint32_t call_site) : call_site_(call_site), step_(key[2]) {
        for (std::uint32_t round = 0; round < rounds; ++round) {
            keys_[round][0] = Words(key[0] + round * 0x9E3779B9u);
            keys_[round][1] = Words(key[1] + round * 0xBB67AE85u);
        }
    }

    /// Bit i is set where draw i, counted from that counter on, is at most `limit`.
    void draw(std::uint64_t first_counter, std::uint16_t limit, std::uint32_t (&bits)[words]) const {
        for (std::int64_t i = 0; i < words * 4; i += counters) {
            const Words counter = Words(first_counter + static_cast<std::uint64_t>(i)) + lane_order();
            Words word[4] = {counter, counter >> 32, call_site_, step_};
            for (const auto& key : keys_) {
                const Words product_0 = multiply(Words(0xD2511F53u), word[0]);
                const Words product_1 = multiply(Words(0xCD9E8D57u), word[2]);
                // The high halves of the lanes are of no meaning: a product reads the low ones alone.
                word[0] = exclusive_or(product_1 >> 32, word[1], key[0]);
                word[1] = product_1;
                word[2] = exclusive_or(product_0 >> 32, word[3], key[1]);
                word[3] = product_0;
            }
            const Words low_half(0xFFFFFFFFu);
            const auto compared =
                compare((word[0] & low_half) | (word[1] << 32), (word[2] & low_half) | (word[3] << 32), limit);
            std::memcpy(reinterpret_cast<std::byte*>(bits) + i, &compared, counters);
        }
    }

private:
#if defined(__AVX512F__)
    /// The lanes' counters, so that `compare` finds the draws in order.
    static Words lane_order() { return _mm512_set_epi64(7, 3, 6, 2, 5, 1, 4, 0); }
    static Words multiply(const Words& a, const Words& b) { return _mm512_mul_epu32(a, b); }
    static Words exclusive_or(const Words& a, const Words& b, const Words& c) {
        return _mm512_ternarylogic_epi64(a, b, c, 0x96);
    }
    static std::uint64_t compare(const Words& low, const Words& high, std::uint16_t limit) {
        const __m512i limits = _mm512_set1_epi16(static_cast<short>(limit));
        const std::uint64_t first = _mm512_cmple_epu16_mask(_mm512_unpacklo_epi64(low, high), limits);
        const std::uint64_t second = _mm512_cmple_epu16_mask(_mm512_unpackhi_epi64(low, high), limits);
        return first | second << 32;
    }
#elif defined(__AVX2__)
    static Words lane_order() { return _mm256_set_epi64x(3, 2, 1, 0); }
    static Words multiply(const Words& a, const Words& b) { return _mm256_mul_epu32(a, b); }
    static Words exclusive_or(const Words& a, const Words& b, const Words& c) { return a ^ b ^ c; }
    static std::uint32_t compare(const Words& low, const Words& high, std::uint16_t limit) {
        const __m256i limits = _mm256_set1_epi16(static_cast<short>(limit)), zero = _mm256_setzero_si256();
        const __m256i first = _mm256_subs_epu16(_mm256_unpacklo_epi64(low, high), limits);
        const __m256i second = _mm256_subs_epu16(_mm256_unpackhi_epi64(low, high), limits);
        return static_cast<std::uint32_t>(_mm256_movemask_epi8(
            _mm256_packs_epi16(_mm256_cmpeq_epi16(first, zero), _mm256_cmpeq_epi16(second, zero))));
    }
#else
    static Words lane_order() { return _mm_set_epi64x(1, 0); }
    static Words multiply(const Words& a, const Words& b) { return _mm_mul_epu32(a, b); }
    static Words exclusive_or(const Words& a, const Words& b, const Words& c) { return a ^ b ^ c; }
    static std::uint32_t compare(const Words& low, const Words& high, std::uint16_t limit) {
        const __m128i limits = _mm_set1_epi16(static_cast<short>(limit)), zero = _mm_setzero_si128();
        const __m128i first = _mm_subs_epu16(_mm_unpacklo_epi64(low, high), limits);
        const __m128i second = _mm_subs_epu16(_mm_unpackhi_epi64(low, high), limits);
        return static_cast<std::uint32_t>(
            _mm_movemask_epi8(_mm_packs_epi16(_mm_cmpeq_epi16(first, zero), _mm_cmpeq_epi16(second, zero))));
    }
#endif

    Words keys_[rounds][2];
    Words call_site_, step_;
};

/// x in the lanes whose bit is set, lowest first, and 0 in the others.
template <class T, class A>
xsimd::batch<T, A> keep_where_set(const xsimd::batch<T, A>& x, std::uint32_t bits) {
    using Vector = xsimd::batch<T, A>;
#if defined(__AVX512F__)
    if constexpr (sizeof(x) == 64) {
        using Kept = typename Vector::batch_bool_type;
        return xsimd::select(Kept(static_cast<typename Kept::register_type>(bits)), x, Vector(0));
    }
#endif
    using Integer = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    using Integers = xsimd::batch<Integer, A>;
    alignas(64) static constexpr Integer lane_bits[] = {1, 2, 4, 8, 16, 32, 64, 128};
    if constexpr (Vector::size <= std::size(lane_bits)) {
        const Integers lane_bit = Integers::load_aligned(lane_bits);
        const auto is_set = (Integers(static_cast<Integer>(bits)) & lane_bit) == lane_bit;
        return x & bits_as<T>(Integers(is_set.data));
    }
}

/// The 16-bit number below or equal to which a draw counts, or -1 if none does.
inline std::int64_t limit_of(std::int64_t threshold) { return std::clamp<std::int64_t>(threshold, 0, 65536) - 1; }

/// The bits of words begin .. end-1 of a mask with `count` bits.
inline void draw_words(const Philox& philox, std::int64_t limit, std::int64_t count, std::uint32_t* mask,
                       std::int64_t begin, std::int64_t end) {
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

/// All of it, in parallel.
inline void draw_mask(const tg_context& context, const Philox& philox, std::int64_t limit, std::int64_t count,
                      std::uint32_t* mask) {
    const std::int64_t words = divide_up(count, 32);
    parallel_for(context, divide_up(words, Philox::words), 512, [&](std::int64_t begin, std::int64_t end) {
        draw_words(philox, limit, count, mask, begin * Philox::words, std::min(end * Philox::words, words));
    });
}

/// What a probability of being dropped means for a draw, and what the kept elements are multiplied by.
struct Kept {
    std::int64_t limit;
    double scale;
};
inline Kept kept_with(double dropout_probability) {
    const std::int64_t threshold = std::llround((1 - dropout_probability) * 65536);
    return {limit_of(threshold), threshold == 0 ? 0 : 65536.0 / static_cast<double>(threshold)};
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

}  // namespace tapegrad::simd
