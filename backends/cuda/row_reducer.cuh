// Rows reduced by the segment they belong to, column by column.
#pragma once

#include "backends/cuda/walk.cuh"

namespace tapegrad::cuda {

/// Where segments have rows of x, and what becomes of them.
template <class Reduction, class T, int n>
struct RowReducer {
    const T* x;
    Segments segments;
    T* y;
    RowLanes<n> row;
    bool is_mean;

    struct State {
        Vector<T, n> value = Vector<T, n>::all(Reduction::template identity<T>());

        __device__ void add(const State& other) { combine(other.value); }
        __device__ void combine(const Vector<T, n>& next) {
            for (int i = 0; i < n; ++i) value.elements[i] = Reduction::combine(value.elements[i], next.elements[i]);
        }
    };
    static constexpr int light = 2 * warp_size;
    __device__ int lanes() const { return row.lanes; }

    __device__ State walk(std::int64_t, int part, std::int64_t begin, int size) const {
        constexpr int batch = 4;
        const std::int64_t column = row.column(part);
        State state;
        const auto load_entry = [&](std::int64_t p) { return segments.order[p]; };
        for_batches<batch>(begin, size, row.lanes, std::int32_t{-1}, load_entry, [&](const std::int32_t* entries) {
            Vector<T, n> values[batch];
            for (int u = 0; u < batch; ++u) {
                values[u] = Vector<T, n>::all(Reduction::template identity<T>());
                if (entries[u] >= 0 && column < row.width)
                    values[u] = Vector<T, n>::load(x + entries[u] * row.width + column);
            }
            for (int u = 0; u < batch; ++u) state.combine(values[u]);
        });
        return state;
    }

    /// An empty segment gives 0, and in scatter_max an element that is -inf throughout its segment too.
    __device__ void finish(std::int64_t s, int part, State state) const {
        const std::int64_t column = row.column(part);
        if (!row.is_on_first_row() || column >= row.width) return;
        const T count = is_mean ? static_cast<T>(segments.end(s) - segments.begin(s)) : T(1);
        for (T& element : state.value.elements)
            element = element == Reduction::template identity<T>() ? T(0) : element / count;
        state.value.store(y + s * row.width + column);
    }
};

}  // namespace tapegrad::cuda
