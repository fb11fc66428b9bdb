// scatter_softmax: the largest element and the sum of exponentials of each segment and column, then a thread for each
// element.
#include "backends/cuda/kernels.cuh"
#include "backends/cuda/running_softmax.cuh"
#include "backends/cuda/walk.cuh"

namespace tapegrad::cuda {
namespace {

template <class T>
struct SoftmaxReducer {
    const T* x;
    Segments segments;
    T *largest, *divisor;
    RowLanes<1> row;

    struct State {
        T largest = Max::identity<T>(), sum = 0;

        __device__ void add(const State& other) {
            const T most = larger(largest, other.largest);
            sum = sum * shrunk_by(largest, most) + other.sum * shrunk_by(other.largest, most);
            largest = most;
        }
    };
    static constexpr int light = 2 * warp_size;
    __device__ int lanes() const { return row.lanes; }

    __device__ State walk(std::int64_t, int part, std::int64_t begin, int size) const {
        constexpr int batch = 4;
        const std::int64_t column = row.column(part);
        State state;
        const auto load_entry = [&](std::int64_t p) { return segments.order[p]; };
        for_batches<batch>(begin, size, row.lanes, std::int32_t{-1}, load_entry, [&](const std::int32_t* entries) {
            T values[batch], most = state.largest;
            for (int u = 0; u < batch; ++u) {
                const bool exists = entries[u] >= 0 && column < row.width;
                values[u] = exists ? x[entries[u] * row.width + column] : Max::identity<T>();
                most = larger(most, values[u]);
            }
            state.sum *= shrunk_by(state.largest, most);
            for (int u = 0; u < batch; ++u) state.sum += exp(values[u] - shift_for(most));
            state.largest = most;
        });
        return state;
    }

    __device__ void finish(std::int64_t s, int part, const State& state) const {
        const std::int64_t column = row.column(part);
        if (!row.is_on_first_row() || column >= row.width) return;
        largest[s * row.width + column] = shift_for(state.largest);
        divisor[s * row.width + column] = divisor_for(state.sum);
    }
};

template <class T>
__global__ void normalize(const T* x, const std::int32_t* index, const T* largest, const T* divisor, T* y,
                          std::int64_t rows, RowLanes<1> row) {
    const std::int64_t e = thread_index() / row.lanes;
    if (e >= rows) return;
    for (std::int64_t column = row.lane(); column < row.width; column += row.lanes) {
        const std::int64_t at = index[e] * row.width + column;
        y[e * row.width + column] = exp(x[e * row.width + column] - largest[at]) / divisor[at];
    }
}

template <class T>
int scatter_softmax(tg_context& context, tg_call& call) {
    using State = typename SoftmaxReducer<T>::State;
    static_assert(sizeof(State) == 2 * sizeof(T));
    const Segments groups = segments(call, 1);
    const RowLanes<1> row{elements_of_row(call.outputs[0])};
    const std::int64_t results = groups.count * row.width;
    if (lacks_workspace<State>(call, partial_states(groups, row.parts()) + results)) return TG_NEEDS_WORKSPACE;
    State* const partial = workspace<State>(call);
    T* const largest = reinterpret_cast<T*>(partial + partial_states(groups, row.parts()));
    T* const divisor = largest + results;
    const T* const x = input<T>(call, 0);
    const SoftmaxReducer<T> reducer = {x, groups, largest, divisor, row};
    if (reduce_segments(context, "scatter_softmax", reducer, groups, row.parts(), partial) != TG_OK) return TG_FAILED;
    return launch(context, "scatter_softmax", normalize<T>,
                  one_group_each(row.width == 0 ? 0 : groups.entries, row.lanes), x, input<std::int32_t>(call, 1),
                  largest, divisor, output<T>(call), groups.entries, row);
}

constexpr Kernel table[] = {{"scatter_softmax", {kernel<scatter_softmax<float>>, kernel<scatter_softmax<double>>}}};

}  // namespace

std::span<const Kernel> segment_softmax_kernels() { return table; }

}  // namespace tapegrad::cuda
