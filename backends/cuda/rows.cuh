// Rows of a matrix as a warp reads them: neighbouring lanes read neighbouring vectors of 16 bytes, or elements where
// these are no whole number.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "backends/cuda/launch.cuh"
#include "backends/cuda/warp.cuh"

namespace tapegrad::cuda {

/// x / power and x % power for a power of two, x not negative; a division by a number that is not known takes as long
/// as twenty additions.
__device__ inline int quotient(int x, int power) { return x >> (__ffs(power) - 1); }
__device__ inline int rest(int x, int power) { return x & (power - 1); }

template <class T, int n>
struct alignas(n * sizeof(T)) Vector {
    T elements[n];

    __device__ static Vector all(T value) {
        Vector result;
        for (T& element : result.elements) element = value;
        return result;
    }
    __device__ static Vector load(const T* memory) { return *reinterpret_cast<const Vector*>(memory); }
    __device__ void store(T* memory) const { *reinterpret_cast<Vector*>(memory) = *this; }

    __device__ void add(const Vector& x) {
        for (int i = 0; i < n; ++i) elements[i] += x.elements[i];
    }
    __device__ void add_product(T factor, const Vector& x) {
        for (int i = 0; i < n; ++i) elements[i] = fma(factor, x.elements[i], elements[i]);
    }
    __device__ void multiply(T factor) {
        for (T& element : elements) element *= factor;
    }
};

template <class T, int n>
__device__ T dot(const Vector<T, n>& x, const Vector<T, n>& y, T sum) {
    for (int i = 0; i < n; ++i) sum = fma(x.elements[i], y.elements[i], sum);
    return sum;
}

/// Calls compute(n) with the vectors of n elements that rows of `width` elements are made of.
template <class T, class Compute>
int with_vectors(std::int64_t width, const Compute& compute) {
    constexpr int most = 16 / sizeof(T);
    if (width % most == 0) return compute(std::integral_constant<int, most>());
    return compute(std::integral_constant<int, 1>());
}

/// How the lanes of a warp lie on rows of `width` elements: `lanes` along the vectors of a row, the others along
/// further rows. A row of more vectors is worked at in parts.
template <int n>
struct RowLanes {
    std::int64_t width;
    int lanes = group_for(width / n);

    std::int64_t parts() const { return divide_up(width / n, lanes); }
    __device__ int lane() const { return rest(static_cast<int>(threadIdx.x), lanes); }
    /// The first element of this lane's vector; there is none if it is `width` or more.
    __device__ std::int64_t column(std::int64_t part) const { return (part * lanes + lane()) * n; }
    /// Is this lane on the first of the rows that a warp has at a time?
    __device__ bool is_on_first_row() const { return static_cast<int>(threadIdx.x) % warp_size < lanes; }
};

/// Something of a few words, of another lane.
template <class Item, class Shuffle>
__device__ Item shuffle_words(const Item& item, const Shuffle& shuffle) {
    static_assert(std::is_trivially_copyable_v<Item> && sizeof(Item) % sizeof(std::uint32_t) == 0);
    constexpr int count = sizeof(Item) / sizeof(std::uint32_t);
    std::uint32_t words[count];
    std::memcpy(words, &item, sizeof(item));
    for (int i = 0; i < count; ++i) words[i] = shuffle(words[i]);
    Item result;
    std::memcpy(&result, words, sizeof(item));
    return result;
}

/// The states of lanes on different rows, which lie `lanes` * 2^k apart, added up in a tree; every lane gets the
/// result.
template <class State>
__device__ State add_over_rows(State state, int lanes) {
#pragma unroll 1
    for (int distance = lanes; distance < warp_size; distance *= 2)
        state.add(shuffle_words(state, [&](std::uint32_t w) { return __shfl_xor_sync(whole_warp, w, distance); }));
    return state;
}

/// Calls take(entries) for `size` entries from `begin` on, `batch` for each lane at a time, so that as many rows are on
/// their way from memory at once; lanes on one row get the same ones. Where there are no more, entries are `none`. What
/// an entry is made of, load_entry(p), is read by a lane each for as many as there are lanes.
template <int batch, class Entry, class LoadEntry, class Take>
__device__ void for_batches(std::int64_t begin, int size, int lanes, Entry none, const LoadEntry& load_entry,
                            const Take& take) {
    const int lane = static_cast<int>(threadIdx.x) % warp_size, rows = quotient(warp_size, lanes),
              row = quotient(lane, lanes);
    for (int first = 0; first < size; first += warp_size) {
        const int count = size - first < warp_size ? size - first : warp_size;
        const Entry mine = lane < count ? load_entry(begin + first + lane) : none;
        for (int next = 0; next < count; next += batch * rows) {
            Entry entries[batch];
            for (int u = 0; u < batch; ++u) {
                const int from = next + u * rows + row;
                entries[u] =
                    shuffle_words(mine, [&](std::uint32_t w) { return __shfl_sync(whole_warp, w, from % warp_size); });
                if (from >= count) entries[u] = none;
            }
            take(entries);
        }
    }
}

}  // namespace tapegrad::cuda
