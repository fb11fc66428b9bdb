// What the kernel files share: how they look at a call.
#pragma once

#include <cstddef>
#include <cstdint>

#include "backends/cuda/kernel_table.hpp"
#include "backends/cuda/launch.cuh"

namespace tapegrad::cuda {

/// The elements of an input or output.
template <class T>
const T* input(const tg_call& call, int index) {
    return static_cast<const T*>(call.inputs[index].data);
}
template <class T>
T* output(const tg_call& call, int index = 0) {
    return static_cast<T*>(call.outputs[index].data);
}

/// Gives a kernel the signature of the C header.
template <int (*compute)(tg_context&, tg_call&)>
int kernel(tg_context* context, tg_call* call) noexcept {
    return compute(*context, *call);
}

/// Has a call too little scratch memory for that many elements? Then it is told how much to bring, and the kernel has
/// to return TG_NEEDS_WORKSPACE.
template <class T>
bool lacks_workspace(tg_call& call, std::int64_t elements) {
    const std::size_t needed = static_cast<std::size_t>(elements) * sizeof(T);
    if (call.workspace_size >= needed) return false;
    call.workspace_size = needed;
    return true;
}
template <class T>
T* workspace(const tg_call& call) {
    return static_cast<T*>(call.workspace);
}

}  // namespace tapegrad::cuda
