// How a call describes a grouping: the entries of each segment, in order.
#pragma once

#include <algorithm>
#include <cstdint>

#include "backends/cuda/kernels.cuh"

// Small enough in tests that small graphs are cut too.
#ifndef TAPEGRAD_CUDA_PIECE_LENGTH
#define TAPEGRAD_CUDA_PIECE_LENGTH 2048
#define TAPEGRAD_CUDA_CUT_ABOVE 65536
#endif

namespace tapegrad::cuda {

/// The entries begin .. end-1 of the order, all of one segment; a segment below 0 is none.
struct Piece {
    std::int64_t segment = -1, begin = 0, end = 0;
    bool is_first = false;

    __device__ std::int64_t size() const { return end - begin; }
};

struct Segments {
    const std::int32_t *order, *offsets;
    std::int64_t count;    ///< of segments
    std::int64_t entries;  ///< in all of them

    // A block that has a long segment to itself would still be at it when all others are done. Where there are entries
    // enough for that to matter, a segment is cut into pieces of this length, from its own beginning on; where they lie
    // follows from the graph alone.
    static constexpr std::int64_t piece_length = TAPEGRAD_CUDA_PIECE_LENGTH, cut_above = TAPEGRAD_CUDA_CUT_ABOVE;

    __host__ __device__ bool are_cut() const { return entries > cut_above; }

    __device__ std::int64_t begin(std::int64_t s) const { return offsets[s]; }
    __device__ std::int64_t end(std::int64_t s) const { return offsets[s + 1]; }
    __device__ std::int64_t first_piece_end(std::int64_t s) const {
        return are_cut() ? std::min(begin(s) + piece_length, end(s)) : end(s);
    }
    __device__ bool has_further_pieces(std::int64_t s) const { return first_piece_end(s) < end(s); }

    // Further pieces begin at least piece_length behind the one before, also that of another segment, so that at most
    // one begins in each stretch of that many entries: the stretch is the piece's place in scratch memory. So it is for
    // those first pieces that are followed by further ones.
    __host__ __device__ std::int64_t stretches() const { return are_cut() ? divide_up(entries, piece_length) : 0; }
    __host__ __device__ std::int64_t places() const { return 2 * stretches(); }
    __device__ std::int64_t place_of(bool is_first, std::int64_t begin) const {
        return begin / piece_length + (is_first ? 0 : stretches());
    }

    /// Where there may be pieces: the first one of each segment, then a further one for each stretch.
    __host__ __device__ std::int64_t pieces() const { return count + stretches(); }
    __device__ Piece piece(std::int64_t k) const {
        if (k < count) return {k, begin(k), first_piece_end(k), true};
        return k < pieces() ? further_piece(k - count) : Piece();
    }

private:
    /// The further piece that begins in a stretch, if there is one.
    __device__ Piece further_piece(std::int64_t stretch) const {
        const std::int64_t at = stretch * piece_length;
        std::int64_t low = 0, high = count;  // offsets[low] <= at < offsets[high]
        while (high - low > 1) {
            const std::int64_t middle = (low + high) / 2;
            (offsets[middle] <= at ? low : high) = middle;
        }
        const std::int64_t first = begin(low), k = divide_up(at - first, piece_length);
        const std::int64_t from = first + std::max<std::int64_t>(k, 1) * piece_length;
        if (from >= end(low) || from >= at + piece_length) return {};
        return {low, from, std::min(from + piece_length, end(low)), false};
    }
};

/// Of inputs `index` (the index itself), `index + 1` (order) and `index + 2` (offsets).
inline Segments segments(const tg_call& call, int index) {
    return {input<std::int32_t>(call, index + 1), input<std::int32_t>(call, index + 2), call.inputs[index + 2].size - 1,
            call.inputs[index + 1].size};
}

/// Elements of one row of x[rows, ...].
inline std::int64_t elements_of_row(const tg_array& x) {
    std::int64_t count = 1;
    for (std::int32_t axis = 1; axis < x.rank; ++axis) count *= x.shape[axis];
    return count;
}

}  // namespace tapegrad::cuda
