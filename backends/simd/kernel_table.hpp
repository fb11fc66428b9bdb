// What a library of kernels, compiled for one instruction set, shows to the plugin.
#pragma once

#include <span>
#include <string_view>

#include "backends/backend_abi.h"

namespace tapegrad::simd {

/// One kernel: its function for f32, f64 and i32 (the order of tg_dtype), null where it has none.
struct Kernel {
    std::string_view name;
    tg_kernel of_dtype[3];
};

/// The families of kernels in one library.
using KernelTable = std::span<const std::span<const Kernel>>;

/// The one function that such a library exports, and its name.
using KernelsEntryPoint = void (*)(KernelTable& table);
inline constexpr const char* kernels_entry_point = "tapegrad_simd_kernels";

}  // namespace tapegrad::simd
