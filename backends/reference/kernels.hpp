// What the kernel files share: the context, an array as an xtensor view, and the rows of their tables.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <xtensor/xadapt.hpp>

#include "backends/backend_abi.h"

/// One opened backend.
struct tg_context {
    std::string last_error;
};

namespace tapegrad::reference {

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

/// Gives a kernel the signature of the C header: what it throws becomes the context's last_error.
template <void (*compute)(const tg_call&)>
int kernel(tg_context* context, tg_call* call) noexcept {
    try {
        compute(*call);
        return TG_OK;
    } catch (const std::exception& error) {
        context->last_error = error.what();
        return TG_FAILED;
    }
}

/// The elements of `array`, which keeps them: as a flat sequence, or with its own shape where a rank above 1 is given.
template <class T, std::size_t rank = 1>
auto view(const tg_array& array) {
    std::array<std::size_t, rank> shape{static_cast<std::size_t>(array.size)};
    if constexpr (rank > 1) std::copy_n(array.shape, rank, shape.begin());
    return xt::adapt(static_cast<T*>(array.data), static_cast<std::size_t>(array.size), xt::no_ownership(), shape);
}

}  // namespace tapegrad::reference
