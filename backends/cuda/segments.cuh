// How a call describes a grouping: the entries of each segment, in order.
#pragma once

#include <algorithm>
#include <cstdint>

#include "backends/cuda/kernels.cuh"

namespace tapegrad::cuda {

struct Segments {
    const std::int32_t *order, *offsets;
    std::int64_t count;    ///< of segments
    std::int64_t entries;  ///< in all of them

    // A warp that has a long segment to itself would still be at it when all others are done. Where there are entries
    // enough for that to matter, a segment is cut into pieces of this length, from its own beginning on, and a warp
    // takes each; where they lie follows from the graph alone.
    static constexpr std::int64_t piece_length = 1024, cut_above = 32768;

    __host__ __device__ bool are_cut() const { return entries > cut_above; }

    __device__ std::int64_t begin(std::int64_t s) const { return offsets[s]; }
    __device__ std::int64_t end(std::int64_t s) const { return offsets[s + 1]; }
    __device__ std::int64_t first_piece_end(std::int64_t s) const {
        return are_cut() ? std::min(begin(s) + piece_length, end(s)) : end(s);
    }
    __device__ bool has_further_pieces(std::int64_t s) const { return first_piece_end(s) < end(s); }

    // Further pieces begin at least piece_length behind the one before, also that of another segment, so that at most
    // one begins in each stretch of that many entries: the stretch is the piece's place in scratch memory.
    std::int64_t stretches() const { return divide_up(entries, piece_length); }
    __device__ static std::int64_t stretch_of(std::int64_t begin) { return begin / piece_length; }

    /// The further piece that begins in a stretch; an empty one if there is none.
    struct Piece {
        std::int64_t begin, end;
    };
    __device__ Piece piece_of(std::int64_t stretch) const {
        const std::int64_t at = stretch * piece_length;
        std::int64_t low = 0, high = count;  // offsets[low] <= at < offsets[high]
        while (high - low > 1) {
            const std::int64_t middle = (low + high) / 2;
            (offsets[middle] <= at ? low : high) = middle;
        }
        const std::int64_t first = begin(low), k = (at - first + piece_length - 1) / piece_length;
        const std::int64_t from = first + (k < 1 ? 1 : k) * piece_length;
        if (from >= end(low) || from >= at + piece_length) return {0, 0};
        return {from, std::min(from + piece_length, end(low))};
    }
};

/// Of inputs `index` (the index itself), `index + 1` (order) and `index + 2` (offsets).
inline Segments segments(const tg_call& call, int index) {
    return {input<std::int32_t>(call, index + 1), input<std::int32_t>(call, index + 2), call.inputs[index + 2].size - 1,
            call.inputs[index + 1].size};
}

}  // namespace tapegrad::cuda
