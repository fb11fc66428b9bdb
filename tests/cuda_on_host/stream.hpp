// What runtime.cpp and transfers.cpp share: a stream does everything at once, but for copies from and to page-locked
// memory, which wait until somebody asks for them.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <vector>

#include "tests/cuda_on_host/cuda_runtime.h"

/// Work in the order in which it was submitted; of a stream that is captured, what the graph will hold.
struct cudaGraph {
    std::vector<std::function<void()>> work;
};

struct cudaStream {
    cudaGraph* captured = nullptr;
    std::deque<std::function<void()>> copies;  ///< from and to page-locked memory, that nobody waited for yet
    std::size_t copied = 0;                    ///< how many came before these

    /// Ends the first `count` copies, counted from when the stream was made.
    void end_copies(std::size_t count) {
        for (; copied < count; ++copied) {
            copies.front()();
            copies.pop_front();
        }
    }
    void end_copies() { end_copies(copied + copies.size()); }
};

namespace cuda_on_host {

/// Returns it, after keeping it for cudaGetLastError unless it is cudaSuccess.
cudaError_t set_error(cudaError_t error);

}  // namespace cuda_on_host
