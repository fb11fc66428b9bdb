// Each segment of a grouping reduced to a state of its own: a sum of rows, a softmax, or both at once. A warp takes a
// segment. One of many entries is shared by all warps of its block, and where the grouping is cut, each piece of it has
// a block. The states meet in an order that follows from the graph alone, so the same call gives the same bits.
//
// What is computed is told by a Reducer:
//   State                               of a lane; a default one is that of no entries; add(other) adds one of others
//   light                               a segment of more entries is shared by the block
//   lanes()                             that lie along a row
//   walk(segment, part, begin, size)    the state of the lane's share of these entries; called by whole warps
//   finish(segment, part, state)        writes the result of a whole segment
// A segment has as many parts as its rows need warps.
#pragma once

#include "backends/cuda/rows.cuh"
#include "backends/cuda/segments.cuh"

namespace tapegrad::cuda {

/// What a warp is to reduce. Tasks are counted in 32 bits: results that more warps write have no room in the memory of
/// a device.
struct Task {
    Piece piece;
    int part;
};

/// How many blocks have room on a multiprocessor. With three, those of a graph of some thousand nodes all run at once.
template <class State>
constexpr int blocks_at_once = sizeof(State) <= 32 ? 3 : 2;

template <class Reducer>
__global__ void __launch_bounds__(256, blocks_at_once<typename Reducer::State>)
    reduce_pieces(Reducer reducer, Segments segments, std::uint32_t parts, typename Reducer::State* partial) {
    using State = typename Reducer::State;
    auto* const states = shared_array<State>();
    auto* const tasks = reinterpret_cast<Task*>(states + blockDim.x);
    const int warp = static_cast<int>(threadIdx.x) / warp_size, lane = static_cast<int>(threadIdx.x) % warp_size;
    if (lane == 0) {
        const std::uint32_t item = blockIdx.x * warps_of_block + threadIdx.x / warp_size;
        tasks[warp] = {segments.piece(item / parts), static_cast<int>(item % parts)};
    }
    __syncthreads();

    const auto is_heavy = [&](int w) { return tasks[w].piece.segment >= 0 && tasks[w].piece.size() > Reducer::light; };
    unsigned heavy = 0;  // a bit for each warp of the block
    for (int first = 0; first < warps_of_block; first += warp_size) {
        const int w = first + lane;
        heavy |= __ballot_sync(whole_warp, w < warps_of_block && is_heavy(w) ? 1 : 0) << first;
    }

    State state;
    bool is_alone = tasks[warp].piece.segment >= 0 && !is_heavy(warp);
    while (is_alone || heavy != 0) {  // first its own task, then its share of the heavy ones of all
        const int w = is_alone ? warp : __ffs(static_cast<int>(heavy)) - 1;
        const auto [piece, part] = tasks[w];
        const auto size = static_cast<int>(piece.size());
        const int share = is_alone ? size : static_cast<int>(divide_up(size, warps_of_block));
        const int begin = is_alone ? 0 : std::min(warp * share, size), end = std::min(begin + share, size);
        const State of_share = reducer.walk(piece.segment, part, piece.begin + begin, end - begin);
        if (is_alone) {
            state = of_share;
            is_alone = false;
            continue;
        }
        heavy &= heavy - 1;
        states[threadIdx.x] = of_share;
        __syncthreads();
        if (w == warp)
#pragma unroll 1
            for (int k = 0; k < warps_of_block; ++k) state.add(states[k * warp_size + lane]);
        __syncthreads();
    }

    state = add_over_rows(state, reducer.lanes());
    const auto [piece, part] = tasks[warp];
    if (piece.segment < 0) return;
    if (piece.is_first && !segments.has_further_pieces(piece.segment)) {
        reducer.finish(piece.segment, part, state);
    } else {
        const std::int64_t place = segments.place_of(piece.is_first, piece.begin);
        partial[(place * parts + part) * warp_size + lane] = state;
    }
}

/// Adds up the pieces of the segments that have several.
template <class Reducer>
__global__ void combine_pieces(Reducer reducer, Segments segments, std::uint32_t parts,
                               const typename Reducer::State* partial) {
    const std::uint32_t item = blockIdx.x * warps_of_block + threadIdx.x / warp_size;
    const std::int64_t s = item / parts;
    const auto part = static_cast<int>(item % parts);
    if (s >= segments.count || !segments.has_further_pieces(s)) return;
    const auto state_at = [&](bool is_first, std::int64_t begin) {
        return partial[(segments.place_of(is_first, begin) * parts + part) * warp_size + threadIdx.x % warp_size];
    };
    typename Reducer::State state = state_at(true, segments.begin(s));
    for (std::int64_t begin = segments.first_piece_end(s); begin < segments.end(s); begin += Segments::piece_length)
        state.add(state_at(false, begin));
    reducer.finish(s, part, state);
}

/// How many states of scratch memory the pieces need.
inline std::int64_t partial_states(const Segments& segments, std::int64_t parts) {
    return segments.places() * parts * warp_size;
}

/// One launch, and a second one where segments are cut.
template <class Reducer>
int reduce_segments(tg_context& context, const char* name, const Reducer& reducer, const Segments& segments,
                    std::int64_t parts, typename Reducer::State* partial) {
    Grid grid = one_group_each(segments.pieces() * parts, warp_size);
    grid.shared_bytes = 256 * sizeof(typename Reducer::State) + warps_of_block * sizeof(Task);
    const int reduced = launch(context, name, reduce_pieces<Reducer>, grid, reducer, segments, parts, partial);
    if (reduced != TG_OK || !segments.are_cut()) return reduced;
    return launch(context, name, combine_pieces<Reducer>, one_group_each(segments.count * parts, warp_size), reducer,
                  segments, parts, partial);
}

}  // namespace tapegrad::cuda
