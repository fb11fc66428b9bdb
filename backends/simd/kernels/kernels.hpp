// What the kernel files share. All files of this folder are compiled once for each instruction set.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include <xsimd/xsimd.hpp>

#include "backends/simd/context.hpp"
#include "backends/simd/kernel_table.hpp"

namespace tapegrad::simd {

std::span<const Kernel> elementwise_kernels();
std::span<const Kernel> memory_kernels();
std::span<const Kernel> reduce_kernels();
std::span<const Kernel> matmul_kernels();
std::span<const Kernel> segment_kernels();
std::span<const Kernel> random_kernels();
std::span<const Kernel> sparse_kernels();
std::span<const Kernel> attention_score_kernels();
std::span<const Kernel> attention_kernels();
std::span<const Kernel> attention_gradient_kernels();

template <class T>
using Batch = xsimd::batch<T>;

/// Elements of T in one vector of this compilation.
template <class T>
inline constexpr std::int64_t lanes = static_cast<std::int64_t>(Batch<T>::size);

/// The elements of an input or output.
template <class T>
const T* input(const tg_call& call, int index) {
    return static_cast<const T*>(call.inputs[index].data);
}
template <class T>
T* output(const tg_call& call, int index = 0) {
    return static_cast<T*>(call.outputs[index].data);
}

/// Gives a kernel that cannot fail the signature of the C header.
template <void (*compute)(const tg_context&, const tg_call&)>
int kernel(tg_context* context, tg_call* call) noexcept {
    compute(*context, *call);
    return TG_OK;
}

/// Does one call of compute(begin, end) for each part of 0 .. count-1, in parallel where the work is worth waking the
/// threads (a parallel region costs about a microsecond). `cost` is that of one item, in simple operations.
/// What compute does for an item must not depend on where its part begins or ends.
template <class Compute>
void parallel_for(const tg_context& context, std::int64_t count, std::int64_t cost, const Compute& compute) {
    constexpr std::int64_t least_work = 32768;  // operations for each thread
    const std::int64_t parts =
        std::min<std::int64_t>({context.threads, count, std::max<std::int64_t>(1, count * cost / least_work)});
    if (parts <= 1) {
        if (count > 0) compute(std::int64_t{0}, count);
        return;
    }
#pragma omp parallel for num_threads(static_cast <int>(parts)) schedule(static)
    for (std::int64_t part = 0; part < parts; ++part) compute(count * part / parts, count * (part + 1) / parts);
}

}  // namespace tapegrad::simd
