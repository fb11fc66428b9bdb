// softmax, log_softmax and logsumexp along any axis of x. A team goes three times along its line: for the largest
// element, for the sum of exponentials, and to write; only the first time does it come from memory.
#include <cmath>

#include "backends/cuda/kernels.cuh"
#include "backends/cuda/team.cuh"

namespace tapegrad::cuda {
namespace {

enum class Output { softmax, log_softmax, logsumexp };

/// x seen as [outer, count, inner], where the axis in the middle is that of the call.
struct Axis {
    explicit Axis(const tg_call& call) {
        const tg_array& x = call.inputs[0];
        const std::int64_t given = call.integers[0], axis = given < 0 ? given + x.rank : given;
        for (std::int64_t i = 0; i < x.rank; ++i) (i < axis ? outer : i == axis ? count : inner) *= x.shape[i];
    }
    std::int64_t outer = 1, count = 1, inner = 1;
};

template <class T, Output kind>
__global__ void compute_lines(const T* __restrict__ x, T* __restrict__ y, Axis axis, std::int64_t teams_of_plane,
                              Team team) {
    const std::int64_t outer = team.index() / teams_of_plane;
    const std::int64_t inner = team.index() % teams_of_plane * team.lines + team.line();
    const bool exists = outer < axis.outer && inner < axis.inner;
    const std::int64_t count = exists ? axis.count : 0;
    const T* const line = x + outer * axis.count * axis.inner + inner;
    const auto at = [&](std::int64_t i) { return line[i * axis.inner]; };

    const T largest = team.reduce<Max, T>(count, at);
    // Lines of -inf have the logsumexp -inf, where inf - inf would be NaN.
    const bool is_finite = largest - largest == T(0);
    const T shift = kind == Output::logsumexp && !is_finite ? T(0) : largest;
    const T sum = team.reduce<Sum, T>(count, [&](std::int64_t i) { return std::exp(at(i) - shift); });
    if (!exists) return;

    if constexpr (kind == Output::logsumexp) {
        if (team.rank() == 0) y[outer * axis.inner + inner] = std::log(sum) + shift;
    } else {
        const T log_sum = std::log(sum);
        T* const to = y + (line - x);
        for (std::int64_t i = team.rank(); i < count; i += team.ranks)
            to[i * axis.inner] = kind == Output::softmax ? std::exp(at(i) - shift) / sum : at(i) - shift - log_sum;
    }
}

template <class T, Output kind>
int along_axis(tg_context& context, tg_call& call, const char* name) {
    if (call.outputs[0].size == 0) return TG_OK;
    const Axis axis(call);
    const Team team = team_for(axis.count, axis.inner);
    const std::int64_t teams_of_plane = divide_up(axis.inner, team.lines);
    return launch(context, name, compute_lines<T, kind>, one_team_each<T>(axis.outer * teams_of_plane, team),
                  input<T>(call, 0), output<T>(call), axis, teams_of_plane, team);
}
template <class T>
int softmax(tg_context& context, tg_call& call) {
    return along_axis<T, Output::softmax>(context, call, "softmax");
}
template <class T>
int log_softmax(tg_context& context, tg_call& call) {
    return along_axis<T, Output::log_softmax>(context, call, "log_softmax");
}
template <class T>
int logsumexp(tg_context& context, tg_call& call) {
    return along_axis<T, Output::logsumexp>(context, call, "logsumexp");
}

constexpr Kernel table[] = {
    {"softmax", {kernel<softmax<float>>, kernel<softmax<double>>}},
    {"log_softmax", {kernel<log_softmax<float>>, kernel<log_softmax<double>>}},
    {"logsumexp", {kernel<logsumexp<float>>, kernel<logsumexp<double>>}},
};

}  // namespace

std::span<const Kernel> softmax_kernels() { return table; }

}  // namespace tapegrad::cuda
