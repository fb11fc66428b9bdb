// y[o, i] = the sum or the largest of x[o, r, i] over r. Long sums are cut into pieces, whose results are reduced in
// the same way: where the cuts lie depends on the shape alone.
#include <algorithm>
#include <cmath>

#include "backends/cuda/kernels.cuh"
#include "backends/cuda/team.cuh"

namespace tapegrad::cuda {
namespace {

/// One pass: [outer, reduced, inner] to [outer, pieces, inner].
struct Pass {
    std::int64_t outer, reduced, inner;
    int lanes;            ///< that share a piece
    std::int64_t length;  ///< of a piece
    std::int64_t pieces = std::max<std::int64_t>(1, divide_up(reduced, length));

    __host__ __device__ std::int64_t results() const { return outer * pieces * inner; }
};

Pass make_pass(std::int64_t outer, std::int64_t reduced, std::int64_t inner) {
    // Neighbouring lanes read neighbouring elements: along i where there are many, or else along r.
    const int lanes = inner >= warp_size ? 1 : group_for(reduced);
    // Two passes are enough for any length: a piece has at least as many elements as there are pieces.
    const auto root = static_cast<std::int64_t>(std::ceil(std::sqrt(static_cast<double>(reduced))));
    return {outer, reduced, inner, lanes, std::max<std::int64_t>(root, std::int64_t{128} * lanes)};
}

template <class Reduction, class T>
__global__ void reduce_pieces(const T* x, T* y, Pass pass) {
    const std::int64_t at = thread_index() / pass.lanes;
    const bool exists = at < pass.results();
    const std::int64_t i = at % pass.inner, piece = at / pass.inner % pass.pieces, o = at / pass.inner / pass.pieces;
    const std::int64_t begin = piece * pass.length;
    const std::int64_t end = exists ? std::min(begin + pass.length, pass.reduced) : begin;
    T value = Reduction::template identity<T>();
    for (std::int64_t r = begin + threadIdx.x % pass.lanes; r < end; r += pass.lanes)
        value = Reduction::combine(value, x[(o * pass.reduced + r) * pass.inner + i]);
    value = combine_lanes<Reduction>(value, pass.lanes);
    if (exists && threadIdx.x % pass.lanes == 0) y[at] = value;
}

// Where a column is through after a few rounds of a large block, there is one launch.
constexpr int column_threads = 1024;
constexpr std::int64_t longest_column = 4 * column_threads;

/// A block has some neighbouring columns.
template <class Reduction, class T>
__global__ void __launch_bounds__(column_threads)
    reduce_columns(const T* x, T* y, std::int64_t reduced, std::int64_t inner, std::int64_t strips, Team team) {
    const std::int64_t o = blockIdx.x / strips, i = blockIdx.x % strips * team.lines + team.line();
    const bool exists = i < inner;
    const T value = team.reduce<Reduction, T>(exists ? reduced : 0,
                                              [&](std::int64_t r) { return x[(o * reduced + r) * inner + i]; });
    if (exists && team.rank() == 0) y[o * inner + i] = value;
}

template <class Reduction, class T>
int run_columns(tg_context& context, const char* name, const T* x, T* y, const Pass& pass) {
    constexpr Team team = {4, column_threads / 4};
    const std::int64_t strips = divide_up(pass.inner, team.lines);
    const Grid grid = {pass.outer * strips, column_threads, column_threads / warp_size * team.lines * sizeof(T)};
    return launch(context, name, reduce_columns<Reduction, T>, grid, x, y, pass.reduced, pass.inner, strips, team);
}

template <class Reduction, class T>
int run_pass(tg_context& context, const char* name, const T* x, T* y, const Pass& pass) {
    return launch(context, name, reduce_pieces<Reduction, T>, one_group_each(pass.results(), pass.lanes), x, y, pass);
}

template <class Reduction, class T>
int reduce(tg_context& context, tg_call& call, const char* name) {
    const std::int64_t* const shape = call.inputs[0].shape;
    if (call.outputs[0].size == 0) return TG_OK;
    const Pass first = make_pass(shape[0], shape[1], shape[2]);
    const T* const x = input<T>(call, 0);
    const bool is_narrow = first.outer * first.inner <= 1024;  // else there are blocks enough, which read whole lines
    if (first.pieces > 1 && first.lanes == 1 && shape[1] <= longest_column && is_narrow)
        return run_columns<Reduction>(context, name, x, output<T>(call), first);
    if (first.pieces == 1) return run_pass<Reduction>(context, name, x, output<T>(call), first);
    if (lacks_workspace<T>(call, first.results())) return TG_NEEDS_WORKSPACE;
    if (run_pass<Reduction>(context, name, x, workspace<T>(call), first) != TG_OK) return TG_FAILED;
    Pass second = make_pass(first.outer, first.pieces, first.inner);
    second.length = second.reduced;
    second.pieces = 1;
    return run_pass<Reduction>(context, name, workspace<T>(call), output<T>(call), second);
}
template <class T>
int reduce_sum(tg_context& context, tg_call& call) {
    return reduce<Sum, T>(context, call, "reduce_sum");
}
template <class T>
int reduce_max(tg_context& context, tg_call& call) {
    return reduce<Max, T>(context, call, "reduce_max");
}

constexpr Kernel table[] = {
    {"reduce_sum", {kernel<reduce_sum<float>>, kernel<reduce_sum<double>>}},
    {"reduce_max", {kernel<reduce_max<float>>, kernel<reduce_max<double>>}},
};

}  // namespace

std::span<const Kernel> reduce_kernels() { return table; }

}  // namespace tapegrad::cuda
