// Random bits that depend on their place alone, so that any thread can draw any of them.
#pragma once

#include <cmath>
#include <cstdint>

#include "backends/cuda/launch.cuh"

namespace tapegrad::cuda {

struct PhiloxWords {
    std::uint32_t words[4];
};

/// Philox4x32 with 10 rounds: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011.
__device__ inline PhiloxWords philox(PhiloxWords counter, std::uint32_t key_0, std::uint32_t key_1) {
    for (int round = 0; round < 10; ++round, key_0 += 0x9E3779B9u, key_1 += 0xBB67AE85u) {
        const std::uint32_t low_0 = 0xD2511F53u * counter.words[0], low_1 = 0xCD9E8D57u * counter.words[2];
        const std::uint32_t high_0 = __umulhi(0xD2511F53u, counter.words[0]);
        const std::uint32_t high_1 = __umulhi(0xCD9E8D57u, counter.words[2]);
        counter = {{high_1 ^ counter.words[1] ^ key_0, low_1, high_0 ^ counter.words[3] ^ key_1, low_0}};
    }
    return counter;
}

/// Where the draws of one call of dropout come from.
struct Draws {
    const std::uint32_t* key;  ///< seed low, seed high, step; on the device, so that a captured step draws anew
    std::uint32_t call_site;
    std::uint32_t threshold;  ///< of 65536

    /// Bits for draws 8 block .. 8 block + 7: set where a draw, 16 random bits, is below the threshold.
    __device__ std::uint32_t mask_byte(std::uint64_t block) const {
        const PhiloxWords random =
            philox({{static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32), call_site, key[2]}},
                   key[0], key[1]);
        std::uint32_t bits = 0;
        for (std::uint32_t i = 0; i < 8; ++i) {
            const std::uint32_t draw = random.words[i / 2] >> (16 * (i % 2)) & 0xFFFFu;
            bits |= (draw < threshold ? 1u : 0u) << i;
        }
        return bits;
    }
    /// The same for draws 32 w .. 32 w + 31.
    __device__ std::uint32_t mask_word(std::uint64_t w) const {
        std::uint32_t bits = 0;
        for (std::uint32_t quarter = 0; quarter < 4; ++quarter) bits |= mask_byte(w * 4 + quarter) << (quarter * 8);
        return bits;
    }
};

/// A mask of `count` bits that is drawn word by word.
struct DrawnMask {
    Draws draws;
    std::uint32_t* words;
    std::int64_t count;

    __host__ __device__ std::int64_t size() const { return divide_up(count, 32); }
    __device__ void draw_word(std::int64_t w) const {
        const std::int64_t used = count - w * 32;
        const std::uint32_t bits = draws.mask_word(static_cast<std::uint64_t>(w));
        words[w] = used < 32 ? bits & ((1u << used) - 1) : bits;
    }
};

/// What a probability of being dropped means for a draw, and what the kept elements are multiplied by.
struct KeepThreshold {
    std::uint32_t threshold;
    double scale;
};
inline KeepThreshold keep_threshold(double dropout_probability) {
    const std::int64_t threshold = std::llround((1 - dropout_probability) * 65536);
    return {static_cast<std::uint32_t>(threshold), threshold == 0 ? 0 : 65536.0 / static_cast<double>(threshold)};
}

/// Bit i of a mask.
__device__ inline bool is_set(const std::uint32_t* mask, std::int64_t i) {
    return (mask[i / 32] >> (i % 32) & 1u) != 0;
}

}  // namespace tapegrad::cuda
