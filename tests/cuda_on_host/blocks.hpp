// Blocks and threads of a kernel on the host: each thread of a block is a fiber, which goes on until it has to wait for
// others, in a random order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <experimental/source_location>
#include <functional>

namespace cuda_on_host {

constexpr int lanes_of_warp = TAPEGRAD_CUDA_WARP_SIZE;  // as the kernels are compiled for
constexpr unsigned all_lanes = 0xffffffffu >> (32 - lanes_of_warp);

struct uint3 {
    unsigned x = 0, y = 0, z = 0;
};
struct dim3 {
    unsigned x = 1, y = 1, z = 1;
    constexpr dim3(unsigned x_size = 1, unsigned y_size = 1, unsigned z_size = 1) : x(x_size), y(y_size), z(z_size) {}
};

// Of the thread that runs. One grid runs at a time, whatever the number of threads of the process.
extern uint3 threadIdx, blockIdx;
extern dim3 blockDim, gridDim;

/// The place of the running thread in its warp.
int lane();

/// Runs `thread` once for each thread of each block. Before each block the shared memory holds NaN; writing behind its
/// end, threads that wait for ones that do not come, and lanes that meet at different places end the process with a
/// sentence on stderr.
void run_grid(dim3 grid, dim3 block, std::size_t shared_bytes, const std::function<void()>& thread);

/// Returns when all threads of the block are there.
void meet_block(const std::experimental::source_location& place);

struct FromLanes {
    std::uint64_t value;  ///< of the lane asked for
    unsigned ballot;      ///< bit L is the lowest bit of lane L's value
};

/// Returns when all lanes in `mask` are there.
FromLanes meet_warp(unsigned mask, std::uint64_t value, int from, const std::experimental::source_location& place);

}  // namespace cuda_on_host
