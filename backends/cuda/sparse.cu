// spmm: sparse times dense. A row of the result is the sum of the rows of b that its entries name; the gradient for b
// is the same product with the transposed pattern.
#include "backends/cuda/kernels.cuh"
#include "backends/cuda/walk.cuh"

namespace tapegrad::cuda {
namespace {

template <class T, int n>
struct ProductReducer {
    const T *values, *b;
    const std::int32_t* column_index;
    Segments rows;
    T* y;
    RowLanes<n> row;

    struct State {
        Vector<T, n> sum = Vector<T, n>::all(T(0));

        __device__ void add(const State& other) { sum.add(other.sum); }
    };
    static constexpr int light = 2 * warp_size;
    __device__ int lanes() const { return row.lanes; }

    struct Entry {
        T value;
        std::int32_t row_of_b;
    };

    __device__ State walk(std::int64_t, int part, std::int64_t begin, int size) const {
        constexpr int batch = 8;
        const std::int64_t column = row.column(part);
        State state;
        const auto load_entry = [&](std::int64_t p) {
            const std::int32_t e = rows.order[p];
            return Entry{values[e], column_index[e]};
        };
        // An entry that holds 0 is passed over, and its row not read: dropout leaves less than half of them.
        for_batches<batch>(begin, size, row.lanes, Entry{}, load_entry, [&](const Entry* entries) {
            Vector<T, n> rows_of_b[batch];
            for (int u = 0; u < batch; ++u) {
                rows_of_b[u] = Vector<T, n>::all(T(0));
                if (entries[u].value != T(0) && column < row.width)
                    rows_of_b[u] = Vector<T, n>::load(b + entries[u].row_of_b * row.width + column);
            }
            for (int u = 0; u < batch; ++u) state.sum.add_product(entries[u].value, rows_of_b[u]);
        });
        return state;
    }

    __device__ void finish(std::int64_t i, int part, const State& state) const {
        const std::int64_t column = row.column(part);
        if (row.is_on_first_row() && column < row.width) state.sum.store(y + i * row.width + column);
    }
};

template <class T, int n>
int multiply(tg_context& context, tg_call& call) {
    using Reducer = ProductReducer<T, n>;
    const Segments rows = segments(call, 2);
    const RowLanes<n> row{call.outputs[0].shape[1]};
    if (lacks_workspace<typename Reducer::State>(call, partial_states(rows, row.parts()))) return TG_NEEDS_WORKSPACE;
    const Reducer reducer = {
        input<T>(call, 0), input<T>(call, 1), input<std::int32_t>(call, 5), rows, output<T>(call), row};
    return reduce_segments(context, "spmm", reducer, rows, row.parts(), workspace<typename Reducer::State>(call));
}
template <class T>
int spmm(tg_context& context, tg_call& call) {
    return with_vectors<T>(call.outputs[0].shape[1], [&](auto n) { return multiply<T, n()>(context, call); });
}

constexpr Kernel table[] = {{"spmm", {kernel<spmm<float>>, kernel<spmm<double>>}}};

}  // namespace

std::span<const Kernel> sparse_kernels() { return table; }

}  // namespace tapegrad::cuda
