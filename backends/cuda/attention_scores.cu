// attention_scores and attention_inputs, which draws what dropout keeps in the same launch, and their gradients. For
// the gradients of a_source and a_target a block takes a strip of columns and many nodes, so that graphs of some
// thousand nodes need one launch.
#include "backends/cuda/attention.cuh"

namespace tapegrad::cuda {
namespace {

/// What attention_inputs draws, beside the scores: behind the blocks with rows come those with words of the masks.
template <class T>
struct InputDropout {
    T* kept_z = nullptr;  ///< nullptr for scores alone
    T scale = 1;
    DrawnMask features = {}, coefficients = {};

    std::int64_t words() const { return features.size() + coefficients.size(); }
    __device__ void draw_word(std::int64_t w) const {
        if (w < features.size())
            features.draw_word(w);
        else if (w - features.size() < coefficients.size())
            coefficients.draw_word(w - features.size());
    }
    /// The n elements from k on, drawn anew rather than read from a mask that another block may not have written yet.
    template <int n>
    __device__ Vector<T, n> drop(Vector<T, n> x, std::int64_t k) const {
        const std::uint32_t bits = features.draws.mask_byte(static_cast<std::uint64_t>(k / 8)) >> (k % 8);
        for (int i = 0; i < n; ++i) x.elements[i] = (bits >> i & 1u) != 0 ? x.elements[i] * scale : T(0);
        return x;
    }
};

template <class T>
struct Scores {
    const T *z, *a_source, *a_target;
    T *of_source, *of_target;
};

template <class T, int n>
__global__ void score_rows(Scores<T> s, InputDropout<T> dropout, RowsOfHeads<n> rows, std::int64_t parts,
                           std::int64_t row_blocks) {
    using Values = Vector<T, n>;
    if (blockIdx.x >= row_blocks) {
        dropout.draw_word(thread_index() - row_blocks * blockDim.x);
        return;
    }
    const std::int64_t width = rows.row.heads * rows.row.features;
    T by_source = 0, by_target = 0;
    rows.walk(
        thread_index() / warp_size, parts,
        [&](const auto& place, std::int64_t i, std::int64_t at) {
            const Values z = Values::load(s.z + i * width + at);
            by_source = dot(z, Values::load(s.a_source + at), by_source);
            by_target = dot(z, Values::load(s.a_target + at), by_target);
            if (dropout.kept_z != nullptr && place.exists)
                dropout.drop(z, i * width + at).store(dropout.kept_z + i * width + at);
        },
        [&](const auto& place, std::int64_t i) {
            by_source = combine_lanes<Sum>(by_source, rows.row.lanes_of_head);
            by_target = combine_lanes<Sum>(by_target, rows.row.lanes_of_head);
            if (i >= rows.rows || !place.is_first()) return;
            s.of_source[i * rows.row.heads + place.head] = by_source;
            s.of_target[i * rows.row.heads + place.head] = by_target;
        });
}

template <class T>
int score(tg_context& context, tg_call& call, const char* name, const InputDropout<T>& dropout) {
    const std::int64_t* const shape = call.inputs[0].shape;
    return with_vectors<T>(shape[2], [&](auto n) {
        const RowsOfHeads<n()> rows{{shape[1], shape[2]}, shape[0]};
        const std::int64_t row_blocks = one_group_each(rows.warps(), warp_size).blocks;
        const Grid grid{row_blocks + one_thread_each(dropout.words()).blocks};
        return launch(
            context, name, score_rows<T, n()>, grid,
            Scores<T>{input<T>(call, 0), input<T>(call, 1), input<T>(call, 2), output<T>(call, 0), output<T>(call, 1)},
            dropout, rows, rows.heads_parts(), row_blocks);
    });
}
template <class T>
int attention_scores(tg_context& context, tg_call& call) {
    return score<T>(context, call, "attention_scores", {});
}
template <class T>
int attention_inputs(tg_context& context, tg_call& call) {
    const auto mask = [&](int index, std::int64_t count) -> DrawnMask {
        const Draws draws = {input<std::uint32_t>(call, 3), static_cast<std::uint32_t>(call.integers[index]),
                             keep_threshold(call.reals[index]).threshold};
        return {draws, output<std::uint32_t>(call, 3 + index), count};
    };
    const std::int64_t coefficients = call.outputs[4].size == 0 ? 0 : call.integers[2] * call.inputs[0].shape[1];
    return score<T>(context, call, "attention_inputs",
                    {output<T>(call, 2), static_cast<T>(keep_threshold(call.reals[0]).scale),
                     mask(0, call.inputs[0].size), mask(1, coefficients)});
}

constexpr int lanes_of_sum = 8;

/// What the blocks of the gradient have: a strip of vectors next to each other, and a piece of the nodes.
template <class T>
struct ScoreGradient {
    const T *g_source, *g_target;
    const T* g_kept;  ///< of attention_inputs, or else nullptr
    const T *z, *a_source, *a_target;
    const std::uint32_t* mask;  ///< of the features, with g_kept
    T scale;
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
            const std::int64_t i = first + u * rows, at = i * width + column;
            if (i >= end) continue;
            if (p.g_kept != nullptr) {
                const auto g = Vector<T, n>::load(p.g_kept + at);
                for (int k = 0; k < n; ++k) of_z.elements[k] += is_set(p.mask, at + k) ? g.elements[k] * p.scale : T(0);
            }
            of_z.store(p.of_z + at);
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

/// z stands among the inputs behind the gradients of the scores, and of kept z.
constexpr int after_scores = 2, after_kept = 3;

template <class T, int n, int z>
int pull_back(tg_context& context, tg_call& call, const char* name) {
    constexpr bool drops = z == after_kept;
    const std::int64_t* const shape = call.inputs[z].shape;
    const std::int64_t width = shape[1] * shape[2];
    if (width == 0) return TG_OK;
    // Of few nodes, narrow strips make blocks enough; many are cut into pieces.
    constexpr std::int64_t most_in_one_piece = 4096, most_pieces = 64;
    const bool has_pieces = shape[0] > most_in_one_piece;
    ScoreGradient<T> p = {input<T>(call, 0),
                          input<T>(call, 1),
                          drops ? input<T>(call, 2) : nullptr,
                          input<T>(call, z),
                          input<T>(call, z + 1),
                          input<T>(call, z + 2),
                          drops ? input<std::uint32_t>(call, z + 3) : nullptr,
                          drops ? static_cast<T>(call.reals[0]) : T(1),
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
    const int pulled = launch(context, name, pull_back_scores<T, n>, grid, p, strips);
    if (pulled != TG_OK || !has_pieces) return pulled;
    return launch(context, name, add_pieces<T>, one_group_each(2 * width, lanes_of_sum), p.of_source, p.pieces(), width,
                  output<T>(call, 1), output<T>(call, 2));
}
template <class T, int z>
int pull_back(tg_context& context, tg_call& call, const char* name) {
    return with_vectors<T>(call.inputs[z].shape[2], [&](auto n) { return pull_back<T, n(), z>(context, call, name); });
}
template <class T>
int attention_scores_gradient(tg_context& context, tg_call& call) {
    return pull_back<T, after_scores>(context, call, "attention_scores_gradient");
}
template <class T>
int attention_inputs_gradient(tg_context& context, tg_call& call) {
    return pull_back<T, after_kept>(context, call, "attention_inputs_gradient");
}

constexpr Kernel table[] = {
    {"attention_scores", {kernel<attention_scores<float>>, kernel<attention_scores<double>>}},
    {"attention_scores_gradient",
     {kernel<attention_scores_gradient<float>>, kernel<attention_scores_gradient<double>>}},
    {"attention_inputs", {kernel<attention_inputs<float>>, kernel<attention_inputs<double>>}},
    {"attention_inputs_gradient",
     {kernel<attention_inputs_gradient<float>>, kernel<attention_inputs_gradient<double>>}},
};

}  // namespace

std::span<const Kernel> attention_score_kernels() { return table; }

}  // namespace tapegrad::cuda
