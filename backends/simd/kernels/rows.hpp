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
    return divide_up(features, row_lanes<T>) * row_lanes<T>;
}

/// Rows [N, H, F] in which each head begins at a multiple of a vector: the array itself, or a copy in `room` with zeros
/// behind each head.
template <class T>
struct HeadRows {
    const T* data;
    std::int64_t count, heads;
    std::int64_t features;  ///< of a head, padded

    const T* row(std::int64_t i) const { return data + i * heads * features; }

    /// Are they more than stay in a core's cache, so that a row is better asked for some time before it is read?
    bool are_far() const { return count * heads * features * static_cast<std::int64_t>(sizeof(T)) > 1 << 20; }
    void prefetch(std::int64_t i) const {
        constexpr std::int64_t line = 64 / sizeof(T);
        for (std::int64_t k = 0; k < heads * features; k += line) __builtin_prefetch(row(i) + k);
    }
};

/// How many elements of room `head_rows` needs.
template <class T>
std::int64_t head_rows_room(const std::int64_t* shape) {
    return shape[2] % row_lanes<T> == 0 ? 0 : shape[0] * shape[1] * padded<T>(shape[2]);
}

template <class T>
HeadRows<T> head_rows(const tg_context& context, const T* x, const std::int64_t* shape, T* room) {
    const std::int64_t features = shape[2], width = padded<T>(features);
    if (features % row_lanes<T> == 0) return {x, shape[0], shape[1], features};
    parallel_for(context, shape[0] * shape[1], 2 * width, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            for (std::int64_t k = 0; k < width; k += row_lanes<T>)
                first_lanes(load_row(x + i * features + k), features - k, T(0)).store_unaligned(room + i * width + k);
        }
    });
    return {room, shape[0], shape[1], width};
}

/// The sums of the elements of `count` vectors. Up to a vector more is read and written.
template <class T>
void sums_within(const RowBatch<T>* vectors, std::int64_t count, T* sums) {
    for (std::int64_t i = 0; i < count; i += row_lanes<T>) xsimd::haddp(vectors + i).store_unaligned(sums + i);
}

/// Element by element x * y for each of `group` heads of `features` elements, added up to one vector a head. A head is
/// `vectors` vectors long unless that is 0.
template <class T, int group, int vectors>
void multiply_heads(const T* x, const T* y, std::int64_t features, RowBatch<T>* products) {
    const std::int64_t width = vectors == 0 ? features : vectors * row_lanes<T>;
    for (int h = 0; h < group; ++h, x += width, y += width) {
        products[h] = RowBatch<T>(T(0));
        for (std::int64_t k = 0; k < width; k += row_lanes<T>)
            products[h] = xsimd::fma(load_row(x + k), load_row(y + k), products[h]);
    }
}

/// x . y for each head; `features` need be no whole number of vectors where vectors is 0.
template <class T, int group, int vectors>
void dot_heads(const T* x, const T* y, std::int64_t features, T* products) {
    RowBatch<T> vector[group];
    if constexpr (vectors == 0) {
        vector[0] = RowBatch<T>(T(0));
        for (std::int64_t k = 0; k < features; k += row_lanes<T>)
            vector[0] = vector[0] + first_lanes(load_row(x + k) * load_row(y + k), features - k, T(0));
    } else {
        multiply_heads<T, group, vectors>(x, y, features, vector);
    }
    if constexpr (group % row_lanes<T> == 0)
        sums_within<T>(vector, group, products);
    else
        for (int h = 0; h < group; ++h) products[h] = sum_of_lanes(vector[h]);
}

/// Calls walk(first_head, heads, vectors), the last two as integral constants, for groups of neighbouring heads that
/// together are all heads. With vectors = 0, a head has more vectors than any instance was made for, or no whole
/// number.
template <class T, class Walk>
void for_head_groups(std::int64_t heads, std::int64_t features, const Walk& walk) {
    using std::integral_constant;
    const std::int64_t vectors = features % row_lanes<T> == 0 ? features / row_lanes<T> : 0;
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
