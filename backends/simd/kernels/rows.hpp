// Rows of features, head by head: the vectors that the graph kernels compute with.
#pragma once

#include "backends/simd/kernels/kernels.hpp"

namespace tapegrad::simd {

/// A head has 8 features more often than 16, so rows are walked in vectors of at most 256 bits.
#if defined(__AVX512F__)
template <class T>
using RowBatch = xsimd::batch<T, xsimd::fma3<xsimd::avx2>>;
#else
template <class T>
using RowBatch = Batch<T>;
#endif

template <class T>
inline constexpr std::int64_t row_lanes = static_cast<std::int64_t>(RowBatch<T>::size);

template <class T>
RowBatch<T> load_row(const T* memory) {
    return RowBatch<T>::load_unaligned(memory);
}

template <class T>
std::int64_t padded(std::int64_t features) {
    return (features + row_lanes<T> - 1) / row_lanes<T> * row_lanes<T>;
}

/// Rows [N, H, F] in which each head begins at a multiple of a vector: the array itself, or a copy in `room` with zeros
/// behind each head.
template <class T>
struct HeadRows {
    const T* data;
    std::int64_t heads;
    std::int64_t features;  ///< of a head, padded

    const T* row(std::int64_t i) const { return data + i * heads * features; }
};

/// How many elements of room `head_rows` needs.
template <class T>
std::int64_t head_rows_room(const std::int64_t* shape) {
    return shape[2] % row_lanes<T> == 0 ? 0 : shape[0] * shape[1] * padded<T>(shape[2]);
}

template <class T>
HeadRows<T> head_rows(const tg_context& context, const T* x, const std::int64_t* shape, T* room) {
    const std::int64_t features = shape[2], width = padded<T>(features);
    if (features % row_lanes<T> == 0) return {x, shape[1], features};
    parallel_for(context, shape[0] * shape[1], 2 * width, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            std::copy_n(x + i * features, features, room + i * width);
            std::fill_n(room + i * width + features, width - features, T(0));
        }
    });
    return {room, shape[1], width};
}

/// The sum of the elements of each of `count` vectors.
template <std::int64_t count, class T>
void sums_within(const RowBatch<T>* vectors, T* sums) {
    if constexpr (count % row_lanes<T> == 0) {
        for (std::int64_t i = 0; i < count; i += row_lanes<T>) xsimd::haddp(vectors + i).store_unaligned(sums + i);
    } else {
        for (std::int64_t i = 0; i < count; ++i) sums[i] = xsimd::hadd(vectors[i]);
    }
}

/// Calls walk(first_head, heads, vectors), the last two as integral constants, for groups of neighbouring heads that
/// together are all heads. With vectors = 0, a head has more vectors than any instance was made for.
template <class T, class Walk>
void for_head_groups(std::int64_t heads, std::int64_t features, const Walk& walk) {
    using std::integral_constant;
    const std::int64_t vectors = features / row_lanes<T>;
    std::int64_t first = 0;
    const auto take = [&]<int group, int size>(integral_constant<int, group> h, integral_constant<int, size> v) {
        if (vectors != size) return;
        for (; heads - first >= group; first += group) walk(first, h, v);
    };
    constexpr integral_constant<int, 8> eight;
    constexpr integral_constant<int, 4> four;
    constexpr integral_constant<int, 2> two;
    constexpr integral_constant<int, 1> one;
    take(eight, one);
    take(eight, two);
    take(four, one);
    take(four, two);
    take(one, one);
    take(one, two);
    take(one, four);
    for (; first < heads; ++first) walk(first, one, integral_constant<int, 0>());
}

}  // namespace tapegrad::simd
