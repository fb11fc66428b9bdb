// Random bits that depend on their place alone, so that any thread can draw any of them.
#pragma once

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

/// Bit i of a mask.
__device__ inline bool is_set(const std::uint32_t* mask, std::int64_t i) {
    return (mask[i / 32] >> (i % 32) & 1u) != 0;
}

}  // namespace tapegrad::cuda
