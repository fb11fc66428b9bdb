// graph_attention_gradient: one pass over the edges out of each node, then a short one that sums the gradients of
// scores by target. The coefficients are computed anew from the largest score and the divisor that the forward pass
// saved. With out_i = bias + sum_j alpha_ij z_j, the sum that a softmax's gradient subtracts is sum_j alpha_ij (g_i .
// z_j) = g_i . (out_i - bias).
#include "backends/cuda/attention.cuh"
#include "backends/cuda/row_reducer.cuh"

// Small enough in tests that small graphs go the way of large ones too.
#ifndef TAPEGRAD_CUDA_CACHED_BYTES
#define TAPEGRAD_CUDA_CACHED_BYTES (8 << 20)
#endif

namespace tapegrad::cuda {
namespace {

/// Where g_i . (out_i - bias) comes from. Where rows stay in the cache, those of `out` are read at each edge: that
/// saves a launch.
enum class Subtracted { from_out, precomputed };

template <class T, int n, int per_lane, Subtracted subtracted>
struct PullBackReducer {
    const T *gradient, *z, *source_score, *target_score;
    const T* bias;  ///< nullptr for none
    const T *out, *largest, *divisor;
    const T* products;  ///< g_i . (out_i - bias), [T, H], if precomputed
    KeptEdges<T> kept;
    Segments sources;
    const std::int32_t* target_index;
    T negative_slope;
    T *of_z, *of_source_score, *of_score;
    HeadLanes<n, per_lane> row;

    using Values = Vector<T, n>;
    using Place = typename HeadLanes<n, per_lane>::Place;

    struct State {
        T of_score = 0;
        Values of_z[per_lane] = {};

        __device__ void add(const State& other) {
            of_score += other.of_score;
            for (int v = 0; v < per_lane; ++v) of_z[v].add(other.of_z[v]);
        }
    };
    static constexpr int light = warp_size;
    __device__ int lanes() const { return row.lanes(); }

    /// What an edge needs of its target.
    struct Target {
        T score, largest, divisor, product;
        bool exists, keeps;
        Values gradient[per_lane], out[per_lane];
    };

    /// The lane's vector that begins in a column of the head; `at` counts rows and heads.
    __device__ Values load(const T* x, std::int64_t at, int column) const {
        return column < row.features ? Values::load(x + at * row.features + column) : Values::all(T(0));
    }

    /// The same of out without the bias.
    __device__ Values load_out(std::int64_t at, int head, int column) const {
        Values values = load(out, at, column);
        if (bias != nullptr) values.add_product(T(-1), load(bias, head, column));
        return values;
    }

    __device__ Target load_target(const EdgeEnd& edge, const Place& place) const {
        const bool exists = edge.node >= 0;
        const std::int64_t at = exists ? edge.node * row.heads + place.head : 0;
        Target t = {target_score[at], largest[at], divisor[at], T(0), exists, false, {}, {}};
        t.keeps = exists && kept.keeps(edge.edge * row.heads + place.head);
        if constexpr (subtracted == Subtracted::precomputed) t.product = products[at];
        for (int v = 0; v < per_lane; ++v) {
            const int column = exists ? place.column + v * row.step() : static_cast<int>(row.features);
            t.gradient[v] = load(gradient, at, column);
            if constexpr (subtracted == Subtracted::from_out) t.out[v] = load_out(at, place.head, column);
        }
        return t;
    }

    /// The lane's part of g . z, or of g . (z - out) with the z that was kept.
    __device__ T product(const Values& g, const Values& z_part, const Values& out_part, bool keeps, T sum) const {
        if constexpr (subtracted == Subtracted::precomputed)
            return dot(g, z_part, sum);
        else
            for (int i = 0; i < n; ++i)
                sum = fma(g.elements[i], (keeps ? kept.scale * z_part.elements[i] : T(0)) - out_part.elements[i], sum);
        return sum;
    }

    /// The gradient of the coefficient, less what a softmax's gradient subtracts. All lanes of a head get it.
    __device__ T of_coefficient(const Target& t, const EdgeEnd& edge, const Place& place, std::int64_t source,
                                const Values* own) const {
        T sum = 0;
        if (row.parts_of_head == 1) {
            for (int v = 0; v < per_lane; ++v) sum = product(t.gradient[v], own[v], t.out[v], t.keeps, sum);
        } else {
            const std::int64_t at = (t.exists ? edge.node : 0) * row.heads + place.head;
            for (int column = place.column % row.step(); t.exists && column < row.features; column += row.step())
                sum = product(load(gradient, at, column), load(z, source, column), load_out(at, place.head, column),
                              t.keeps, sum);
        }
        sum = combine_lanes<Sum>(sum, row.lanes_of_head);
        if constexpr (subtracted == Subtracted::precomputed) sum = (t.keeps ? kept.scale * sum : T(0)) - t.product;
        return sum;
    }

    __device__ State walk(std::int64_t j, int part, std::int64_t begin, int size) const {
        constexpr int batch = per_lane == 1 ? 2 : 1;
        const Place place = row.place(part);
        const std::int64_t source = j * row.heads + place.head;
        const T own_score = source_score[source];
        Values own[per_lane];
        for (int v = 0; v < per_lane; ++v) own[v] = load(z, source, place.column + v * row.step());
        State state;
        const auto load_edge = [&](std::int64_t p) {
            const std::int32_t e = sources.order[p];
            return EdgeEnd{e, target_index[e]};
        };
        for_batches<batch>(begin, size, row.lanes(), EdgeEnd(), load_edge, [&](const EdgeEnd* edges) {
            Target targets[batch];
            for (int u = 0; u < batch; ++u) targets[u] = load_target(edges[u], place);
            for (int u = 0; u < batch; ++u) {
                const Target& t = targets[u];
                const T score = own_score + t.score, derivative = score > T(0) ? T(1) : negative_slope;
                // The product has to be rounded as it was in the forward pass, or the largest score would not meet it.
                const T alpha = exp(score * derivative - t.largest) / t.divisor;
                const T of_edge = alpha * of_coefficient(t, edges[u], place, source, own) * derivative;
                if (!t.exists) continue;
                if (place.is_first()) of_score[edges[u].edge * row.heads + place.head] = of_edge;
                state.of_score += of_edge;
                for (int v = 0; v < per_lane; ++v)
                    state.of_z[v].add_product(t.keeps ? alpha * kept.scale : T(0), t.gradient[v]);
            }
        });
        return state;
    }

    __device__ void finish(std::int64_t j, int part, const State& state) const {
        const Place place = row.place(part);
        if (!place.exists || row.row() != 0) return;
        const std::int64_t at = j * row.heads + place.head;
        if (place.is_first()) of_source_score[at] = state.of_score;
        for (int v = 0; v < per_lane; ++v)
            if (const int column = place.column + v * row.step(); column < row.features)
                state.of_z[v].store(of_z + at * row.features + column);
    }
};

constexpr const char* name = "graph_attention_gradient";

/// For each row of x [rows, H, F] and each head: the product with (a - b), where a has a row for each of x and b, one
/// for all, may be nullptr.
template <class T>
struct DifferenceProducts {
    const T *x, *a, *b;
    std::int64_t rows;
    T* products;
};
template <class T, int n>
__global__ void difference_products(DifferenceProducts<T> p, RowsOfHeads<n> rows, std::int64_t parts) {
    using Values = Vector<T, n>;
    const std::int64_t width = rows.row.heads * rows.row.features;
    T sum = 0;
    rows.walk(
        thread_index() / warp_size, parts,
        [&](const auto&, std::int64_t i, std::int64_t at) {
            Values difference = Values::load(p.a + i * width + at);
            if (p.b != nullptr) difference.add_product(T(-1), Values::load(p.b + at));
            sum = dot(Values::load(p.x + i * width + at), difference, sum);
        },
        [&](const auto& place, std::int64_t i) {
            sum = combine_lanes<Sum>(sum, rows.row.lanes_of_head);
            if (i < rows.rows && place.is_first()) p.products[i * rows.row.heads + place.head] = sum;
        });
}
template <class T>
int multiply_heads(tg_context& context, const DifferenceProducts<T>& products, std::int64_t heads,
                   std::int64_t features) {
    return with_vectors<T>(features, [&](auto n) {
        const RowsOfHeads<n()> rows{{heads, features}, products.rows};
        return launch(context, name, difference_products<T, n()>, one_group_each(rows.warps(), warp_size), products,
                      rows, rows.heads_parts());
    });
}

/// Sums the rows [E, H] of the edges into each node.
template <class T, int n>
int sum_by_target(tg_context& context, const T* of_score, const Segments& targets, std::int64_t heads, T* sums,
                  void* partial) {
    using Reducer = RowReducer<Sum, T, n>;
    const RowLanes<n> row{heads};
    const Reducer reducer = {of_score, targets, sums, row, false};
    return reduce_segments(context, name, reducer, targets, row.parts(),
                           static_cast<typename Reducer::State*>(partial));
}

template <class T, int n, int per_lane, Subtracted subtracted>
int pull_back(tg_context& context, tg_call& call) {
    using Reducer = PullBackReducer<T, n, per_lane, subtracted>;
    const std::int64_t heads = call.inputs[1].shape[1], features = call.inputs[1].shape[2];
    const Segments sources = segments(call, 9), targets = segments(call, 12);
    const HeadLanes<n, per_lane> row{heads, features};
    // One after the other, the two passes use the same scratch memory.
    const std::int64_t products = subtracted == Subtracted::precomputed ? targets.count * heads : 0;
    const std::int64_t of_sources =
        partial_states(sources, row.parts()) * (sizeof(typename Reducer::State) / sizeof(T));
    const std::int64_t of_targets = partial_states(targets, heads);
    if (lacks_workspace<T>(call, products + std::max(of_sources, of_targets))) return TG_NEEDS_WORKSPACE;
    T* const partial = workspace<T>(call);
    T* const precomputed = partial + std::max(of_sources, of_targets);
    const Reducer reducer = {input<T>(call, 0),
                             input<T>(call, 1),
                             input<T>(call, 2),
                             input<T>(call, 3),
                             bias_of<T>(call, 4),
                             input<T>(call, 5),
                             input<T>(call, 6),
                             input<T>(call, 7),
                             precomputed,
                             kept_edges<T>(call, 8, call.reals[1]),
                             sources,
                             input<std::int32_t>(call, 12),
                             static_cast<T>(call.reals[0]),
                             output<T>(call, 0),
                             output<T>(call, 1),
                             output<T>(call, 3),
                             row};
    if (subtracted == Subtracted::precomputed) {
        const DifferenceProducts<T> of_out = {reducer.gradient, reducer.out, reducer.bias, targets.count, precomputed};
        if (multiply_heads(context, of_out, heads, features) != TG_OK) return TG_FAILED;
    }
    const int pulled = reduce_segments(context, name, reducer, sources, row.parts(),
                                       static_cast<typename Reducer::State*>(call.workspace));
    if (pulled != TG_OK) return pulled;
    return with_vectors<T>(heads, [&](auto k) {
        return sum_by_target<T, k()>(context, reducer.of_score, targets, heads, output<T>(call, 2), partial);
    });
}

template <class T>
int graph_attention_gradient(tg_context& context, tg_call& call) {
    const bool is_cached = call.inputs[5].size * static_cast<std::int64_t>(sizeof(T)) <= TAPEGRAD_CUDA_CACHED_BYTES;
    return with_vectors<T>(call.inputs[1].shape[2], [&](auto n) {
        const bool is_wide = call.inputs[1].shape[2] / n() > warp_size;
        if (is_cached)
            return is_wide ? pull_back<T, n(), 4, Subtracted::from_out>(context, call)
                           : pull_back<T, n(), 1, Subtracted::from_out>(context, call);
        return is_wide ? pull_back<T, n(), 4, Subtracted::precomputed>(context, call)
                       : pull_back<T, n(), 1, Subtracted::precomputed>(context, call);
    });
}

constexpr Kernel table[] = {
    {"graph_attention_gradient", {kernel<graph_attention_gradient<float>>, kernel<graph_attention_gradient<double>>}}};

}  // namespace

std::span<const Kernel> attention_gradient_kernels() { return table; }

}  // namespace tapegrad::cuda
