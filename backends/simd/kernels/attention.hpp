// What attention and its gradient share.
#pragma once

#include "backends/simd/kernels/heads.hpp"
#include "backends/simd/kernels/segments.hpp"

namespace tapegrad::simd {

/// One bit for each edge and head; none at all if nothing is dropped.
struct EdgeMask {
    const unsigned char* bytes;  ///< little-endian words, so that bit k is bit k % 8 of byte k / 8

    /// Bits k .. k+7, lowest first; memory has room for a vector behind the mask.
    std::uint32_t bits(std::int64_t k) const {
        if (bytes == nullptr) return 0xffffffff;
        const auto bit = static_cast<std::uint64_t>(k);
        std::uint16_t two;
        std::memcpy(&two, bytes + bit / 8, sizeof(two));
        return static_cast<std::uint32_t>(two) >> (bit % 8);
    }
};

/// What kept coefficients are multiplied by; nothing is where nothing is dropped.
template <class T>
T scale_of_kept(const tg_array& mask, double scale) {
    return mask.size == 0 ? T(1) : static_cast<T>(scale);
}

/// The vector that is added to each row, or nullptr.
template <class T>
const T* bias_of(const tg_call& call, int index) {
    return call.inputs[index].size == 0 ? nullptr : input<T>(call, index);
}

inline EdgeMask edge_mask(const tg_array& mask) {
    return {mask.size == 0 ? nullptr : static_cast<const unsigned char*>(mask.data)};
}

/// Writes `count` vectors to a head of `features` elements from `column` on, and nothing behind the head.
template <class T>
void store_head(T* head, std::int64_t column, std::int64_t features, const RowBatch<T>* values, std::int64_t count) {
    for (std::int64_t v = 0; v < count; ++v, column += row_lanes<T>)
        store_first(head + column, values[v], features - column);
}

/// Writes neighbouring heads of `features` elements and `vectors` vectors.
template <int group, int vectors, class T>
void store_heads(T* heads, std::int64_t features, const RowBatch<T>* values) {
    if (features == vectors * row_lanes<T>)
        for (int v = 0; v < group * vectors; ++v) values[v].store_unaligned(heads + v * row_lanes<T>);
    else
        for (int h = 0; h < group; ++h) store_head(heads + h * features, 0, features, values + h * vectors, vectors);
}

}  // namespace tapegrad::simd
