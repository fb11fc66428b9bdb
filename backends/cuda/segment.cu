// Rows picked by an index, and rows reduced by the segment they belong to. A warp takes a segment: its lanes lie along
// the columns of a row and, where these are few, along the segment's rows too; they meet in a tree. So there are no
// atomics, and the same call gives the same bits.
#include "backends/cuda/kernels.cuh"
#include "backends/cuda/row_reducer.cuh"

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

enum class Finish { as_is, mean };

template <class Reduction, class T, int n>
int reduce_rows(tg_context& context, tg_call& call, const char* name, Finish finish) {
    const Segments groups = segments(call, 1);
    const RowLanes<n> row{elements_of_row(call.outputs[0])};
    using Reducer = RowReducer<Reduction, T, n>;
    if (lacks_workspace<typename Reducer::State>(call, partial_states(groups, row.parts()))) return TG_NEEDS_WORKSPACE;
    const Reducer reducer = {input<T>(call, 0), groups, output<T>(call), row, finish == Finish::mean};
    return reduce_segments(context, name, reducer, groups, row.parts(), workspace<typename Reducer::State>(call));
}
template <class Reduction, class T>
int scatter(tg_context& context, tg_call& call, const char* name, Finish finish = Finish::as_is) {
    return with_vectors<T>(elements_of_row(call.outputs[0]),
                           [&](auto n) { return reduce_rows<Reduction, T, n()>(context, call, name, finish); });
}
template <class T>
int scatter_sum(tg_context& context, tg_call& call) {
    return scatter<Sum, T>(context, call, "scatter_sum");
}
template <class T>
int scatter_mean(tg_context& context, tg_call& call) {
    return scatter<Sum, T>(context, call, "scatter_mean", Finish::mean);
}
template <class T>
int scatter_max(tg_context& context, tg_call& call) {
    return scatter<Max, T>(context, call, "scatter_max");
}

constexpr Kernel table[] = {
    {"gather", {kernel<gather<float>>, kernel<gather<double>>, kernel<gather<std::int32_t>>}},
    {"scatter_sum", {kernel<scatter_sum<float>>, kernel<scatter_sum<double>>}},
    {"scatter_mean", {kernel<scatter_mean<float>>, kernel<scatter_mean<double>>}},
    {"scatter_max", {kernel<scatter_max<float>>, kernel<scatter_max<double>>}},
};

}  // namespace

std::span<const Kernel> segment_kernels() { return table; }

}  // namespace tapegrad::cuda
