// One opened device: its stream, on which everything happens in order, and the sentence for what failed.
#pragma once

#include <cuda_runtime.h>

#include <memory>
#include <string>
#include <utility>

#include "backends/backend_abi.h"
#include "backends/cuda/blas.hpp"
#include "backends/cuda/transfers.hpp"

struct tg_context {
    int device = 0;
    cudaStream_t stream = nullptr;
    std::unique_ptr<tapegrad::cuda::Blas> blas;  ///< nullptr where there is no cuBLAS
    tapegrad::cuda::LockedPlaces places;
    std::string description;
    std::string last_error = "no error";
    const char* latest_kernel = "none";  ///< a failure while a kernel runs is told by a later call
    bool captures = false;               ///< kernels become part of a graph
    bool blocking = false;               ///< wait for each kernel, so that a failure is told by its own launch

    /// Keeps the sentence for last_error, and returns what a kernel returns then.
    int fail(std::string sentence) {
        last_error = std::move(sentence);
        return TG_FAILED;
    }
};
