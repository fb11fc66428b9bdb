// How a kernel is started, and the sizes that go with it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "backends/cuda/errors.hpp"

namespace tapegrad::cuda {

__host__ __device__ constexpr std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// How many blocks of how many threads, and the bytes of shared memory of each block.
struct Grid {
    std::int64_t blocks;
    int threads = 256;
    std::size_t shared_bytes = 0;
};

/// One thread for each of `count` items.
inline Grid one_thread_each(std::int64_t count) { return {divide_up(count, 256)}; }

/// Starts kernel(arguments...) on the context's stream; nothing for a grid without blocks. TG_FAILED with last_error
/// set if it could not be started. `name` is what errors call it.
template <class... Parameters, class... Arguments>
int launch(tg_context& context, const char* name, void (*kernel)(Parameters...), const Grid& grid,
           Arguments... arguments) {
    if (grid.blocks == 0) return TG_OK;
    context.latest_kernel = name;
    cudaLaunchConfig_t config = {};
    config.gridDim = dim3(static_cast<unsigned>(grid.blocks));
    config.blockDim = dim3(static_cast<unsigned>(grid.threads));
    config.dynamicSmemBytes = grid.shared_bytes;
    config.stream = context.stream;
    const int started =
        check(context, cudaLaunchKernelEx(&config, kernel, static_cast<Parameters>(arguments)...), "starting a kernel");
    if (started != TG_OK || !context.blocking || context.captures) return started;
    return check(context, cudaStreamSynchronize(context.stream), "a kernel");
}

/// The index of this thread in the whole grid.
__device__ inline std::int64_t thread_index() {
    return static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}

/// The shared memory of the block, as elements of T. A kernel's only shared memory is this.
template <class T>
__device__ T* shared_array() {
    extern __shared__ unsigned char shared_memory[];
    return reinterpret_cast<T*>(shared_memory);
}

}  // namespace tapegrad::cuda
