// graph_attention: one pass over the edges into each node. Scores, their softmax and the weighted sum are computed
// together, several edges at a time: the sum is that of exponentials times rows, and divided by the sum of exponentials
// at the end.
#include "backends/cuda/attention.cuh"
#include "backends/cuda/running_softmax.cuh"
#include "backends/cuda/walk.cuh"

namespace tapegrad::cuda {
namespace {

template <class T, int n>
struct AttentionReducer {
    const T *z, *source_score, *target_score;
    const T* bias;  ///< nullptr for none
    const std::int32_t* source_index;
    Segments targets;
    KeptEdges<T> kept;
    T negative_slope;
    T *out, *largest, *divisor;
    HeadLanes<n> row;

    struct State {
        T largest = Max::identity<T>(), sum = 0;
        Vector<T, n> weighted = Vector<T, n>::all(T(0));

        __device__ void shrink_to(T new_largest) {
            const T factor = shrunk_by(largest, new_largest);
            sum *= factor;
            weighted.multiply(factor);
            largest = new_largest;
        }
        __device__ void add(State other) {
            const T most = larger(largest, other.largest);
            shrink_to(most);
            other.shrink_to(most);
            sum += other.sum;
            weighted.add(other.weighted);
        }
    };
    static constexpr int light = warp_size;
    __device__ int lanes() const { return row.lanes(); }

    __device__ State walk(std::int64_t target, int part, std::int64_t begin, int size) const {
        constexpr int batch = 4;
        const auto place = row.place(part);
        const T of_target = target_score[target * row.heads + place.head];
        State state;
        const auto load_edge = [&](std::int64_t p) {
            const std::int32_t e = targets.order[p];
            return EdgeEnd{e, source_index[e]};
        };
        for_batches<batch>(begin, size, row.lanes(), EdgeEnd(), load_edge, [&](const EdgeEnd* edges) {
            T scores[batch], most = state.largest;
            bool keeps[batch];
            Vector<T, n> rows[batch];
            for (int u = 0; u < batch; ++u) {
                const auto [edge, source] = edges[u];
                const bool exists = source >= 0;
                const std::int64_t at = exists ? source * row.heads + place.head : 0;
                const T score = source_score[at] + of_target;
                scores[u] = !exists ? Max::identity<T>() : score > T(0) ? score : score * negative_slope;
                keeps[u] = exists && kept.keeps(edge * row.heads + place.head);
                rows[u] = exists && place.column < row.features
                              ? Vector<T, n>::load(z + at * row.features + place.column)
                              : Vector<T, n>::all(T(0));
            }
            for (const T score : scores) most = larger(most, score);
            state.shrink_to(most);
            for (int u = 0; u < batch; ++u) {
                const T exponential = exp(scores[u] - shift_for(most));
                state.sum += exponential;
                state.weighted.add_product(keeps[u] ? exponential : T(0), rows[u]);
            }
        });
        return state;
    }

    __device__ void finish(std::int64_t target, int part, State state) const {
        const auto place = row.place(part);
        if (!place.exists || row.row() != 0) return;
        const std::int64_t at = target * row.heads + place.head;
        const T sum = divisor_for(state.sum);
        if (place.is_first()) {
            largest[at] = shift_for(state.largest);
            divisor[at] = sum;
        }
        if (place.column >= row.features) return;
        if (sum == sum)
            state.weighted.multiply(kept.scale / sum);
        else
            state.weighted = sum_with(sum, target, place.head, place.column);
        if (bias != nullptr) state.weighted.add(Vector<T, n>::load(bias + place.head * row.features + place.column));
        state.weighted.store(out + at * row.features + place.column);
    }

    /// The sum where every coefficient that is kept is NaN: where none is, it is a number after all.
    __device__ Vector<T, n> sum_with(T nan, std::int64_t target, int head, int column) const {
        auto sum = Vector<T, n>::all(T(0));
#pragma unroll 1
        for (std::int64_t p = targets.begin(target); p < targets.end(target); ++p) {
            const std::int64_t e = targets.order[p], at = source_index[e] * row.heads + head;
            sum.add_product(kept.keeps(e * row.heads + head) ? nan : T(0),
                            Vector<T, n>::load(z + at * row.features + column));
        }
        return sum;
    }
};

template <class T, int n>
int attend(tg_context& context, tg_call& call) {
    using Reducer = AttentionReducer<T, n>;
    using State = typename Reducer::State;
    const Segments targets = segments(call, 8);
    const HeadLanes<n> row{call.inputs[0].shape[1], call.inputs[0].shape[2]};
    if (lacks_workspace<State>(call, partial_states(targets, row.parts()))) return TG_NEEDS_WORKSPACE;
    const Reducer reducer = {input<T>(call, 0),
                             input<T>(call, 1),
                             input<T>(call, 2),
                             bias_of<T>(call, 3),
                             input<std::int32_t>(call, 5),
                             targets,
                             kept_edges<T>(call, 4, call.reals[1]),
                             static_cast<T>(call.reals[0]),
                             output<T>(call, 0),
                             output<T>(call, 1),
                             output<T>(call, 2),
                             row};
    return reduce_segments(context, "graph_attention", reducer, targets, row.parts(), workspace<State>(call));
}
template <class T>
int graph_attention(tg_context& context, tg_call& call) {
    return with_vectors<T>(call.inputs[0].shape[2], [&](auto n) { return attend<T, n()>(context, call); });
}

constexpr Kernel table[] = {{"graph_attention", {kernel<graph_attention<float>>, kernel<graph_attention<double>>}}};

}  // namespace

std::span<const Kernel> attention_kernels() { return table; }

}  // namespace tapegrad::cuda
