// The kernels that the plugin has, a table in each kernel file.
#pragma once

#include <span>
#include <string_view>

#include "backends/cuda/context.hpp"

namespace tapegrad::cuda {

/// One kernel: its function for f32, f64 and i32 (the order of tg_dtype), null where it has none.
struct Kernel {
    std::string_view name;
    tg_kernel of_dtype[3];
};

std::span<const Kernel> elementwise_kernels();
std::span<const Kernel> memory_kernels();
std::span<const Kernel> reduce_kernels();
std::span<const Kernel> matmul_kernels();
std::span<const Kernel> segment_kernels();
std::span<const Kernel> random_kernels();
std::span<const Kernel> bias_kernels();
std::span<const Kernel> softmax_kernels();
std::span<const Kernel> loss_kernels();
std::span<const Kernel> optimizer_kernels();
std::span<const Kernel> segment_softmax_kernels();
std::span<const Kernel> sparse_kernels();
std::span<const Kernel> attention_kernels();
std::span<const Kernel> attention_score_kernels();
std::span<const Kernel> attention_gradient_kernels();

}  // namespace tapegrad::cuda
