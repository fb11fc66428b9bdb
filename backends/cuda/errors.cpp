#include "backends/cuda/errors.hpp"

namespace tapegrad::cuda {
namespace {

/// Errors that a kernel caused while it ran: no call on this device succeeds after one.
bool ends_the_device(cudaError_t error) {
    return error == cudaErrorIllegalAddress || error == cudaErrorLaunchFailure || error == cudaErrorAssert ||
           error == cudaErrorMisalignedAddress || error == cudaErrorIllegalInstruction ||
           error == cudaErrorHardwareStackError || error == cudaErrorLaunchTimeout;
}

}  // namespace

int refuse_while_capturing(tg_context& context, const char* what) {
    return context.fail("cuda: " + std::string(what) +
                        " cannot be captured; what a captured step needs from the host has to be there before");
}

std::string text_of(cudaError_t error) {
    return std::string(cudaGetErrorName(error)) + ": " + cudaGetErrorString(error);
}

std::string version_text(int version) {
    return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

int check(tg_context& context, cudaError_t result, const char* what) {
    if (result == cudaSuccess) return TG_OK;
    cudaGetLastError();  // an error that does not end the device is told once
    std::string sentence = "cuda: " + std::string(what) + " failed with " + text_of(result);
    if (ends_the_device(result)) {
        sentence += ", in kernel " + std::string(context.latest_kernel);
        if (!context.blocking)
            sentence += " or one before it; with TAPEGRAD_CUDA_BLOCKING=1 the failing kernel is named";
        sentence += ". The device can't be used again by this process; --backend simd computes without it";
    }
    return context.fail(std::move(sentence));
}

int out_of_memory(tg_context& context, std::size_t bytes, cudaError_t result) {
    cudaGetLastError();
    std::size_t free = 0, total = 0;
    if (cudaMemGetInfo(&free, &total) != cudaSuccess) return check(context, result, "allocating memory");
    return context.fail("cuda: no memory for " + std::to_string(bytes) + " bytes on the device, where " +
                        std::to_string(free) + " of " + std::to_string(total) +
                        " are free; a smaller model, or --backend simd, needs less of it");
}

}  // namespace tapegrad::cuda
