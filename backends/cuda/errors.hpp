// What an error of the CUDA runtime means, in a sentence with the next step.
#pragma once

#include <cstddef>
#include <string>

#include "backends/cuda/context.hpp"

namespace tapegrad::cuda {

/// TG_OK for cudaSuccess. For any other result TG_FAILED, with last_error saying that `what` failed and why; an error
/// that ends the use of the device (a kernel's wild access) names the kernels it can come from.
int check(tg_context& context, cudaError_t result, const char* what);

/// The same for memory: how much was asked for, and how much is free.
int out_of_memory(tg_context& context, std::size_t bytes, cudaError_t result);

/// TG_FAILED, for `what` that cannot be captured.
int refuse_while_capturing(tg_context& context, const char* what);

/// "cudaErrorNoDevice: no CUDA-capable device is detected".
std::string text_of(cudaError_t error);

/// "13.0" for 13000.
std::string version_text(int version);

}  // namespace tapegrad::cuda
