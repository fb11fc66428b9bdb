// What attention and its gradient share.
#pragma once

#include <omp.h>

#include <cstring>

#include "backends/simd/kernels/rows.hpp"
#include "backends/simd/kernels/segments.hpp"

namespace tapegrad::simd {

/// One bit for each edge and head; none at all if nothing is dropped.
struct EdgeMask {
    const unsigned char* bytes;  ///< little-endian words, so that bit k is bit k % 8 of byte k / 8

    /// Bits k .. k+7, lowest first; memory has room for a vector behind the mask.
    std::uint32_t bits(std::int64_t k) const {
        if (bytes == nullptr) return 0xffffffff;
        std::uint16_t two;
        std::memcpy(&two, bytes + k / 8, sizeof(two));
        return static_cast<std::uint32_t>(two) >> (k % 8);
    }
};

inline EdgeMask edge_mask(const tg_array& mask) {
    return {mask.size == 0 ? nullptr : static_cast<const unsigned char*>(mask.data)};
}

template <class T>
T leaky(T score, T negative_slope) {
    return score > 0 ? score : score * negative_slope;
}

/// x * scale where bit h is set, else 0.
template <class T>
T kept(std::uint32_t bits, int h, T x, T scale) {
    return (bits >> h & 1u) != 0 ? x * scale : T(0);
}

template <class T>
void prefetch_row(const HeadRows<T>& rows, std::int64_t i) {
    const char* const row = reinterpret_cast<const char*>(rows.row(i));
    const std::int64_t bytes = rows.heads * rows.features * static_cast<std::int64_t>(sizeof(T));
    for (std::int64_t byte = 0; byte < bytes; byte += 64) __builtin_prefetch(row + byte);
}

/// Writes `count` vectors to a head of `features` elements from `column` on, and nothing behind the head.
template <class T>
void store_head(T* head, std::int64_t column, std::int64_t features, const RowBatch<T>* values, std::int64_t count) {
    for (std::int64_t v = 0; v < count; ++v, column += row_lanes<T>) {
        if (column + row_lanes<T> <= features) {
            values[v].store_unaligned(head + column);
        } else {
            T last[row_lanes<T>];
            values[v].store_unaligned(last);
            for (std::int64_t k = 0; column + k < features; ++k) head[column + k] = last[k];
        }
    }
}

}  // namespace tapegrad::simd
