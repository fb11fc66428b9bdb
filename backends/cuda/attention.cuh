// What the kernels of attention share: rows of heads, and which coefficients are kept.
#pragma once

#include <algorithm>
#include <cstdint>

#include "backends/cuda/kernels.cuh"
#include "backends/cuda/philox.cuh"
#include "backends/cuda/rows.cuh"
#include "backends/cuda/segments.cuh"

namespace tapegrad::cuda {

/// How the lanes of a warp lie on rows of `heads` times `features` elements: a power of two of them along the vectors
/// of a head, then along heads, then along rows. A lane has `per_lane` vectors; what is more of a row is worked at in
/// parts.
template <int n, int per_lane = 1>
struct HeadLanes {
    std::int64_t heads, features;
    int lanes_of_head = group_for(features / n);
    int heads_at_once = std::min(group_for(heads), warp_size / lanes_of_head);
    int parts_of_head = std::max(1, static_cast<int>(divide_up(features / n, std::int64_t{lanes_of_head} * per_lane)));

    __host__ __device__ int lanes() const { return lanes_of_head * heads_at_once; }
    std::int64_t parts() const { return divide_up(heads, heads_at_once) * parts_of_head; }
    /// Of the lane's vectors in one head.
    __device__ int step() const { return lanes_of_head * n; }

    /// What a lane works at. Where there is no such head, it has another one's numbers, and may not write.
    struct Place {
        int head;
        int column;  ///< in the head; there is no vector if it is `features` or more
        bool exists;

        __device__ bool is_first() const { return exists && column == 0; }  ///< of lanes and parts of the head
    };
    __device__ Place place(int part) const {
        const int lane_of_row = rest(static_cast<int>(threadIdx.x), lanes()), last = static_cast<int>(heads) - 1;
        const int head = part / parts_of_head * heads_at_once + quotient(lane_of_row, lanes_of_head);
        const int column = part % parts_of_head * per_lane * step() + rest(lane_of_row, lanes_of_head) * n;
        return {std::min(head, last), column, head <= last};
    }
    /// Which of the rows that a warp has at a time.
    __device__ int row() const { return quotient(static_cast<int>(threadIdx.x) % warp_size, lanes()); }
};

/// Which coefficients are kept, one bit for each edge and head, and what these are multiplied by.
template <class T>
struct KeptEdges {
    const std::uint32_t* mask;  ///< nullptr if nothing is dropped
    T scale;

    __device__ bool keeps(std::int64_t k) const { return mask == nullptr || is_set(mask, k); }
};
template <class T>
KeptEdges<T> kept_edges(const tg_call& call, int mask, double scale) {
    if (call.inputs[mask].size == 0) return {nullptr, T(1)};
    return {input<std::uint32_t>(call, mask), static_cast<T>(scale)};
}

/// The vector that is added to each row, or nullptr.
template <class T>
const T* bias_of(const tg_call& call, int index) {
    return call.inputs[index].size == 0 ? nullptr : input<T>(call, index);
}

/// An edge with the node at its other end, below 0 if there is none.
struct EdgeEnd {
    std::int32_t edge = 0, node = -1;
};

/// Warps that go along rows [rows, H, F], each with several rows or some heads of one.
template <int n>
struct RowsOfHeads {
    HeadLanes<n> row;
    std::int64_t rows;

    std::int64_t heads_parts() const { return row.parts() / row.parts_of_head; }
    std::int64_t warps() const { return divide_up(rows, warp_size / row.lanes()) * heads_parts(); }

    /// Calls visit(place, i, at) for each vector of this lane, which begins at row i's element `at`; then all lanes of
    /// a head are at finish(place, i), where i may be behind the last row.
    template <class Visit, class Finish>
    __device__ void walk(std::int64_t warp, std::int64_t parts, const Visit& visit, const Finish& finish) const {
        const std::int64_t i = warp / parts * (warp_size / row.lanes()) + row.row();
        const auto place = row.place(static_cast<int>(warp % parts) * row.parts_of_head);
        for (int column = place.column; i < rows && column < row.features; column += row.step())
            visit(place, i, place.head * row.features + column);
        finish(place, i);
    }
};

}  // namespace tapegrad::cuda
