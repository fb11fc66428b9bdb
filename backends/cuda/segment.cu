// Rows picked by an index, and rows reduced by the segment they belong to. A warp takes a segment: its lanes lie along
// the columns of a row and, where these are few, along the segment's rows too; they meet in a tree. So there are no
// atomics, and the same call gives the same bits.
#include "backends/cuda/kernels.cuh"
#include "backends/cuda/segments.cuh"
#include "backends/cuda/warp.cuh"

namespace tapegrad::cuda {
namespace {

template <class T>
__global__ void gather_rows(const T* x, const std::int32_t* index, T* y, std::int64_t rows, std::int64_t width,
                            int lanes) {
    const std::int64_t e = thread_index() / lanes;
    if (e >= rows) return;
    const T* const from = x + index[e] * width;
    for (std::int64_t column = threadIdx.x % lanes; column < width; column += lanes)
        y[e * width + column] = from[column];
}
template <class T>
int gather(tg_context& context, tg_call& call) {
    const std::int64_t rows = call.outputs[0].shape[0], width = call.outputs[0].shape[1];
    const int lanes = group_for(width);
    return launch(context, "gather", gather_rows<T>, one_group_each(width == 0 ? 0 : rows, lanes), input<T>(call, 0),
                  input<std::int32_t>(call, 1), output<T>(call), rows, width, lanes);
}

/// An empty segment gives 0, and in scatter_max an element that is -inf throughout its segment too.
template <class Reduction, class T>
__device__ T finished(T value) {
    return value == Reduction::template identity<T>() ? T(0) : value;
}

/// The rows order[begin] .. order[end - 1] of x, reduced by one warp: calls store(column, value) for each column, by
/// one lane. All lanes have to call it.
template <class Reduction, class T, class Store>
__device__ void reduce_rows(const T* x, const std::int32_t* order, std::int64_t begin, std::int64_t end,
                            std::int64_t width, int columns, const Store& store) {
    const int lane = static_cast<int>(threadIdx.x) % warp_size;
    for (std::int64_t first = 0; first < width; first += columns) {
        const std::int64_t column = first + lane % columns;
        T value = Reduction::template identity<T>();
        if (column < width)
            for (std::int64_t p = begin + lane / columns; p < end; p += warp_size / columns)
                value = Reduction::combine(value, x[order[p] * width + column]);
        value = combine_lanes<Reduction>(value, warp_size, columns);
        if (lane < columns && column < width) store(column, value);
    }
}

/// Each segment, or its first piece.
template <class Reduction, class T>
__global__ void reduce_segments(const T* x, Segments segments, T* y, std::int64_t width, int columns) {
    const std::int64_t s = thread_index() / warp_size;
    if (s >= segments.count) return;
    const bool is_partial = segments.has_further_pieces(s);
    reduce_rows<Reduction>(
        x, segments.order, segments.begin(s), segments.first_piece_end(s), width, columns,
        [&](std::int64_t column, T value) { y[s * width + column] = is_partial ? value : finished<Reduction>(value); });
}

/// Each further piece, into scratch memory.
template <class Reduction, class T>
__global__ void reduce_further_pieces(const T* x, Segments segments, T* partial, std::int64_t width, int columns) {
    const std::int64_t stretch = thread_index() / warp_size;
    if (stretch >= divide_up(segments.entries, Segments::piece_length)) return;
    const Segments::Piece piece = segments.piece_of(stretch);
    if (piece.begin == piece.end) return;
    reduce_rows<Reduction>(x, segments.order, piece.begin, piece.end, width, columns,
                           [&](std::int64_t column, T value) { partial[stretch * width + column] = value; });
}

/// Adds to each segment's first piece the further ones, in their order.
template <class Reduction, class T>
__global__ void combine_pieces(const T* partial, Segments segments, T* y, std::int64_t width) {
    const std::int64_t s = thread_index() / warp_size;
    if (s >= segments.count || !segments.has_further_pieces(s)) return;
    for (std::int64_t column = threadIdx.x % warp_size; column < width; column += warp_size) {
        T value = y[s * width + column];
        for (std::int64_t p = segments.first_piece_end(s); p < segments.end(s); p += Segments::piece_length)
            value = Reduction::combine(value, partial[Segments::stretch_of(p) * width + column]);
        y[s * width + column] = finished<Reduction>(value);
    }
}

template <class Reduction, class T>
int scatter(tg_context& context, tg_call& call, const char* name) {
    const Segments groups = segments(call, 1);
    const std::int64_t width = call.outputs[0].shape[1];
    if (width == 0) return TG_OK;
    const std::int64_t partial = groups.are_cut() ? groups.stretches() * width : 0;
    if (lacks_workspace<T>(call, partial)) return TG_NEEDS_WORKSPACE;
    const int columns = group_for(width);
    const Grid grid = one_group_each(groups.count, warp_size);
    const T* const x = input<T>(call, 0);
    T* const y = output<T>(call);
    const int first = launch(context, name, reduce_segments<Reduction, T>, grid, x, groups, y, width, columns);
    if (first != TG_OK || !groups.are_cut()) return first;
    T* const further = workspace<T>(call);
    const int second = launch(context, name, reduce_further_pieces<Reduction, T>,
                              one_group_each(groups.stretches(), warp_size), x, groups, further, width, columns);
    if (second != TG_OK) return second;
    return launch(context, name, combine_pieces<Reduction, T>, grid, further, groups, y, width);
}
template <class T>
int scatter_sum(tg_context& context, tg_call& call) {
    return scatter<Sum, T>(context, call, "scatter_sum");
}
template <class T>
int scatter_max(tg_context& context, tg_call& call) {
    return scatter<Max, T>(context, call, "scatter_max");
}

constexpr Kernel table[] = {
    {"gather", {kernel<gather<float>>, kernel<gather<double>>, kernel<gather<std::int32_t>>}},
    {"scatter_sum", {kernel<scatter_sum<float>>, kernel<scatter_sum<double>>}},
    {"scatter_max", {kernel<scatter_max<float>>, kernel<scatter_max<double>>}},
};

}  // namespace

std::span<const Kernel> segment_kernels() { return table; }

}  // namespace tapegrad::cuda
