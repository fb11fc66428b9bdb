// Threads that go along a line of an array together, be it a row, a column or one of any axis: some lanes of a warp, or
// a whole block where the line is long. What they reduce meets in a tree whose form follows from the shape alone.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "backends/cuda/launch.cuh"
#include "backends/cuda/warp.cuh"

namespace tapegrad::cuda {

/// `value` of threads of a block that lie a multiple of `distance` apart, a power of two up to a warp, combined; each
/// gets the result. Needs distance elements of shared memory for each warp, and all threads of the block.
template <class Reduction, class T>
__device__ T combine_block(T value, int distance = 1) {
    T* const of_warps = shared_array<T>();
    const int lane = static_cast<int>(threadIdx.x) % warp_size, warp = static_cast<int>(threadIdx.x) / warp_size;
    const int warps = static_cast<int>(blockDim.x) / warp_size;
    value = combine_lanes<Reduction>(value, warp_size, distance);
    if (lane < distance) of_warps[warp * distance + lane] = value;
    __syncthreads();
    value = Reduction::template identity<T>();
    for (int i = lane; i < warps * distance; i += warp_size) value = Reduction::combine(value, of_warps[i]);
    __syncthreads();  // the next one may write there
    return combine_lanes<Reduction>(value, warp_size, distance);
}

/// All numbers are powers of two, so that a thread finds its place without a division.
struct Team {
    int lines;  ///< that lie side by side, so that neighbouring threads read neighbouring elements; 1 for rows
    int ranks;  ///< threads of each line

    __host__ __device__ int size() const { return lines * ranks; }

    __device__ std::int64_t index_in_block() const { return threadIdx.x >> (__ffs(size()) - 1); }
    __device__ std::int64_t index() const {
        return static_cast<std::int64_t>(blockIdx.x) * (blockDim.x >> (__ffs(size()) - 1)) + index_in_block();
    }
    __device__ int line() const { return static_cast<int>(threadIdx.x) & (lines - 1); }
    __device__ int rank() const { return (static_cast<int>(threadIdx.x) & (size() - 1)) >> (__ffs(lines) - 1); }

    /// term(i) for i = 0 .. count - 1 of this thread's line, reduced; all threads of the block have to call it.
    template <class Reduction, class T, class Term>
    __device__ T reduce(std::int64_t count, const Term& term) const {
        T value = Reduction::template identity<T>();
        for (std::int64_t i = rank(); i < count; i += ranks) value = Reduction::combine(value, term(i));
        return size() <= warp_size ? combine_lanes<Reduction>(value, size(), lines)
                                   : combine_block<Reduction>(value, lines);
    }
};

/// For lines of `count` elements, of which `side_by_side` are neighbours.
inline Team team_for(std::int64_t count, std::int64_t side_by_side = 1) {
    const int lines = group_for(side_by_side), most_ranks = warp_size / lines;
    if (count > std::int64_t{32} * most_ranks) return {lines, 256 / lines};
    return {lines, std::min(group_for(count), most_ranks)};
}

/// Blocks with `count` teams that reduce numbers of type T.
template <class T>
Grid one_team_each(std::int64_t count, const Team& team) {
    Grid grid = one_thread_each(count * team.size());
    if (team.size() > warp_size) grid.shared_bytes = warps_of_block * static_cast<std::size_t>(team.lines) * sizeof(T);
    return grid;
}

}  // namespace tapegrad::cuda
