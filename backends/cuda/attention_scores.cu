// attention_scores and its gradient. For the gradients of a_source and a_target a block takes a strip of columns and
// many nodes, so that graphs of some thousand nodes need one launch.
#include "backends/cuda/attention.cuh"

namespace tapegrad::cuda {
namespace {

template <class T, int n>
__global__ void head_products(HeadProducts<T> p, HeadLanes<n> row, std::int64_t parts) {
    const std::int64_t item = thread_index() / warp_size;
    const std::int64_t i = item / parts * (warp_size / row.lanes()) + row.row();
    const auto place = row.place(static_cast<int>(item % parts) * row.parts_of_head);
    T by_first = 0, by_second = 0;
    for (int column = place.column; i < p.rows && column < row.features; column += row.step()) {
        const std::int64_t at = place.head * row.features + column;
        const auto values = Vector<T, n>::load(p.x + i * row.heads * row.features + at);
        by_first = dot(values, Vector<T, n>::load(p.first + i * p.stride + at), by_first);
        if (p.second != nullptr) by_second = dot(values, Vector<T, n>::load(p.second + i * p.stride + at), by_second);
    }
    by_first = combine_lanes<Sum>(by_first, row.lanes_of_head);
    by_second = combine_lanes<Sum>(by_second, row.lanes_of_head);
    if (i >= p.rows || !place.is_first()) return;
    p.of_first[i * row.heads + place.head] = by_first;
    if (p.second != nullptr) p.of_second[i * row.heads + place.head] = by_second;
}

}  // namespace

template <class T>
int multiply_heads(tg_context& context, const char* name, const HeadProducts<T>& products, std::int64_t heads,
                   std::int64_t features) {
    return with_vectors<T>(features, [&](auto n) {
        const HeadLanes<n()> row{heads, features};
        const std::int64_t parts = row.parts() / row.parts_of_head;
        const std::int64_t warps = divide_up(products.rows, warp_size / row.lanes()) * parts;
        return launch(context, name, head_products<T, n()>, one_group_each(warps, warp_size), products, row, parts);
    });
}
template int multiply_heads(tg_context&, const char*, const HeadProducts<float>&, std::int64_t, std::int64_t);
template int multiply_heads(tg_context&, const char*, const HeadProducts<double>&, std::int64_t, std::int64_t);

namespace {

template <class T>
int attention_scores(tg_context& context, tg_call& call) {
    const std::int64_t* const shape = call.inputs[0].shape;
    return multiply_heads<T>(
        context, "attention_scores",
        {input<T>(call, 0), input<T>(call, 1), input<T>(call, 2), 0, shape[0], output<T>(call, 0), output<T>(call, 1)},
        shape[1], shape[2]);
}

constexpr int lanes_of_sum = 8;

/// What the blocks of the gradient have: a strip of vectors next to each other, and a piece of the nodes.
template <class T>
struct ScoreGradient {
    const T *g_source, *g_target, *z, *a_source, *a_target;
    T* of_z;
    T *of_source, *of_target;  ///< of each piece, partial_stride elements behind one another
    std::int64_t nodes, heads, features, piece_length, partial_stride;
    int strip;  ///< lanes that share it

    std::int64_t pieces() const { return nodes == 0 ? 1 : divide_up(nodes, piece_length); }
};

template <class T, int n>
__global__ void __launch_bounds__(256) pull_back_scores(ScoreGradient<T> p, std::int64_t strips) {
    const std::int64_t width = p.heads * p.features, piece = blockIdx.x / strips;
    const int lane = static_cast<int>(threadIdx.x) % p.strip;
    const std::int64_t column = (blockIdx.x % strips * p.strip + lane) * n, head = column / p.features;
    const bool exists = column < width;
    auto a_source = Vector<T, n>::all(T(0)), a_target = a_source, by_source = a_source, by_target = a_source;
    if (exists) {
        a_source = Vector<T, n>::load(p.a_source + column);
        a_target = Vector<T, n>::load(p.a_target + column);
    }
    constexpr int batch = 4;  // rows that are on their way from memory at once
    const std::int64_t end = exists ? std::min(p.nodes, (piece + 1) * p.piece_length) : 0;
    const int rows = static_cast<int>(blockDim.x) / p.strip;
    for (std::int64_t first = piece * p.piece_length + threadIdx.x / p.strip; first < end; first += batch * rows) {
        T source[batch], target[batch];
        Vector<T, n> z[batch];
        for (int u = 0; u < batch; ++u) {
            const std::int64_t i = first + u * rows;
            source[u] = i < end ? p.g_source[i * p.heads + head] : T(0);
            target[u] = i < end ? p.g_target[i * p.heads + head] : T(0);
            z[u] = i < end ? Vector<T, n>::load(p.z + i * width + column) : Vector<T, n>::all(T(0));
        }
        for (int u = 0; u < batch; ++u) {
            by_source.add_product(source[u], z[u]);
            by_target.add_product(target[u], z[u]);
            Vector<T, n> of_z = a_target;
            of_z.multiply(target[u]);
            of_z.add_product(source[u], a_source);
            if (const std::int64_t i = first + u * rows; i < end) of_z.store(p.of_z + i * width + column);
        }
    }

    // The lanes of a warp on one column, then the warps.
    for (int k = 0; k < n; ++k) {
        by_source.elements[k] = combine_lanes<Sum>(by_source.elements[k], warp_size, p.strip);
        by_target.elements[k] = combine_lanes<Sum>(by_target.elements[k], warp_size, p.strip);
    }
    auto* const of_warps = shared_array<Vector<T, n>>();
    const int warp = static_cast<int>(threadIdx.x) / warp_size;
    if (static_cast<int>(threadIdx.x) % warp_size < p.strip) {
        of_warps[(2 * warp) * p.strip + lane] = by_source;
        of_warps[(2 * warp + 1) * p.strip + lane] = by_target;
    }
    __syncthreads();
    if (static_cast<int>(threadIdx.x) >= 2 * p.strip || !exists) return;
    auto total = of_warps[threadIdx.x];
    for (int w = 1; w < warps_of_block; ++w) total.add(of_warps[2 * w * p.strip + static_cast<int>(threadIdx.x)]);
    total.store((static_cast<int>(threadIdx.x) < p.strip ? p.of_source : p.of_target) + piece * p.partial_stride +
                column);
}

/// A group of lanes for each sum.
template <class T>
__global__ void add_pieces(const T* partial, std::int64_t pieces, std::int64_t width, T* of_source, T* of_target) {
    const std::int64_t k = thread_index() / lanes_of_sum;
    T sum = 0;
    for (std::int64_t piece = threadIdx.x % lanes_of_sum; k < 2 * width && piece < pieces; piece += lanes_of_sum)
        sum += partial[piece * 2 * width + k];
    sum = combine_lanes<Sum>(sum, lanes_of_sum);
    if (k < 2 * width && threadIdx.x % lanes_of_sum == 0) (k < width ? of_source[k] : of_target[k - width]) = sum;
}

template <class T, int n>
int pull_back(tg_context& context, tg_call& call) {
    const std::int64_t* const shape = call.inputs[2].shape;
    const std::int64_t width = shape[1] * shape[2];
    if (width == 0) return TG_OK;
    // Of few nodes, narrow strips make blocks enough; many are cut into pieces.
    constexpr std::int64_t most_in_one_piece = 4096, most_pieces = 64;
    const bool has_pieces = shape[0] > most_in_one_piece;
    ScoreGradient<T> p = {input<T>(call, 0),
                          input<T>(call, 1),
                          input<T>(call, 2),
                          input<T>(call, 3),
                          input<T>(call, 4),
                          output<T>(call, 0),
                          output<T>(call, 1),
                          output<T>(call, 2),
                          shape[0],
                          shape[1],
                          shape[2],
                          divide_up(shape[0], has_pieces ? most_pieces : 1),
                          0,
                          has_pieces ? std::min(8, group_for(width / n)) : 1};
    const std::int64_t partial = has_pieces ? p.pieces() * 2 * width : 0;
    if (lacks_workspace<T>(call, partial)) return TG_NEEDS_WORKSPACE;
    if (has_pieces) {
        p.of_source = workspace<T>(call);
        p.of_target = p.of_source + width;
        p.partial_stride = 2 * width;
    }
    const std::int64_t strips = divide_up(width / n, p.strip);
    const Grid grid = {strips * p.pieces(), 256, 2 * warps_of_block * p.strip * sizeof(Vector<T, n>)};
    const int pulled = launch(context, "attention_scores_gradient", pull_back_scores<T, n>, grid, p, strips);
    if (pulled != TG_OK || !has_pieces) return pulled;
    return launch(context, "attention_scores_gradient", add_pieces<T>, one_group_each(2 * width, lanes_of_sum),
                  p.of_source, p.pieces(), width, output<T>(call, 1), output<T>(call, 2));
}
template <class T>
int attention_scores_gradient(tg_context& context, tg_call& call) {
    return with_vectors<T>(call.inputs[2].shape[2], [&](auto n) { return pull_back<T, n()>(context, call); });
}

constexpr Kernel table[] = {
    {"attention_scores", {kernel<attention_scores<float>>, kernel<attention_scores<double>>}},
    {"attention_scores_gradient",
     {kernel<attention_scores_gradient<float>>, kernel<attention_scores_gradient<double>>}},
};

}  // namespace

std::span<const Kernel> attention_score_kernels() { return table; }

}  // namespace tapegrad::cuda
