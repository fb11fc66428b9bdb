// y[b] = a[b] b[b], the plain three loops; either factor may lie transposed.
#include <vector>

#include "backends/reference/kernels.hpp"

namespace tapegrad::reference {
namespace {

/// Each element is summed in double, whatever T is, with k ascending.
template <class T>
void matmul(const tg_call& call) {
    const auto a = view<T, 3>(call.inputs[0]);
    const auto b = view<T, 3>(call.inputs[1]);
    auto y = view<T, 3>(call.outputs[0]);
    const bool transpose_a = call.integers[0] != 0;
    const bool transpose_b = call.integers[1] != 0;
    const std::size_t terms = a.shape(transpose_a ? 1 : 2);
    const std::size_t columns = y.shape(2);

    std::vector<double> factor(terms * columns);  // b[batch] as its rows k, transposed or not
    std::vector<double> sums(columns);
    for (std::size_t batch = 0; batch < y.shape(0); ++batch) {
        for (std::size_t k = 0; k < terms; ++k)
            for (std::size_t j = 0; j < columns; ++j)
                factor[k * columns + j] = transpose_b ? b(batch, j, k) : b(batch, k, j);
        for (std::size_t i = 0; i < y.shape(1); ++i) {
            std::fill(sums.begin(), sums.end(), 0.0);
            for (std::size_t k = 0; k < terms; ++k) {
                const double a_ik = transpose_a ? a(batch, k, i) : a(batch, i, k);
                for (std::size_t j = 0; j < columns; ++j) sums[j] += a_ik * factor[k * columns + j];
            }
            for (std::size_t j = 0; j < columns; ++j) y(batch, i, j) = static_cast<T>(sums[j]);
        }
    }
}

constexpr Kernel table[] = {{"matmul", {kernel<matmul<float>>, kernel<matmul<double>>}}};

}  // namespace

std::span<const Kernel> matmul_kernels() { return table; }

}  // namespace tapegrad::reference
