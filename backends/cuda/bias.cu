// add_bias: one vector added to every row.
#include "backends/cuda/kernels.cuh"
#include "backends/cuda/team.cuh"

namespace tapegrad::cuda {
namespace {

template <class T>
__global__ void add_to_rows(const T* __restrict__ x, const T* __restrict__ bias, T* __restrict__ y, std::int64_t rows,
                            std::int64_t width, Team team) {
    const std::int64_t row = team.index();
    if (row >= rows) return;
    for (std::int64_t column = team.rank(); column < width; column += team.ranks)
        y[row * width + column] = x[row * width + column] + bias[column];
}

template <class T>
int add_bias(tg_context& context, tg_call& call) {
    const std::int64_t size = call.outputs[0].size, width = call.inputs[1].size;
    if (size == 0) return TG_OK;
    const Team team = team_for(width);
    return launch(context, "add_bias", add_to_rows<T>, one_team_each<T>(size / width, team), input<T>(call, 0),
                  input<T>(call, 1), output<T>(call), size / width, width, team);
}

constexpr Kernel table[] = {{"add_bias", {kernel<add_bias<float>>, kernel<add_bias<double>>}}};

}  // namespace

std::span<const Kernel> bias_kernels() { return table; }

}  // namespace tapegrad::cuda
