// The part of CUDA that backends/cuda uses, for a host compiler: what its kernels say (threadIdx, __syncthreads,
// shuffles) and what its launch code calls. The same sources then run on a machine without a GPU, where tests judge
// them. A test aid: slow on purpose, and no back-end for training.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <experimental/source_location>
#include <functional>
#include <tuple>
#include <type_traits>

#include "tests/cuda_on_host/blocks.hpp"

#define __global__
#define __device__
#define __host__
#define __shared__
#define __launch_bounds__(...)

using cuda_on_host::blockDim;
using cuda_on_host::blockIdx;
using cuda_on_host::dim3;
using cuda_on_host::gridDim;
using cuda_on_host::threadIdx;
using cuda_on_host::uint3;

// What lanes of a warp say to each other. `mask` names the lanes that meet; each of them has to be at the same place.

inline void __syncthreads(std::experimental::source_location place = std::experimental::source_location::current()) {
    cuda_on_host::meet_block(place);
}

namespace cuda_on_host {

template <class T>
T shuffle(unsigned mask, T value, int from, const std::experimental::source_location& place) {
    static_assert(sizeof(T) <= sizeof(std::uint64_t) && std::is_trivially_copyable_v<T>);
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof(T));
    bits = meet_warp(mask, bits, from, place).value;
    std::memcpy(&value, &bits, sizeof(T));
    return value;
}

}  // namespace cuda_on_host

template <class T>
T __shfl_sync(unsigned mask, T value, int from,
              std::experimental::source_location place = std::experimental::source_location::current()) {
    return cuda_on_host::shuffle(mask, value, from % cuda_on_host::lanes_of_warp, place);
}

template <class T>
T __shfl_xor_sync(unsigned mask, T value, int difference,
                  std::experimental::source_location place = std::experimental::source_location::current()) {
    return cuda_on_host::shuffle(mask, value, cuda_on_host::lane() ^ difference, place);
}

inline unsigned __ballot_sync(
    unsigned mask, int predicate,
    std::experimental::source_location place = std::experimental::source_location::current()) {
    return cuda_on_host::meet_warp(mask, predicate != 0 ? 1 : 0, 0, place).ballot;
}
// Arithmetic on integers.

inline unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>((std::uint64_t{a} * b) >> 32); }
inline int __ffs(int bits) { return __builtin_ffs(bits); }

// The calls of the runtime. Errors have the numbers and names of the real ones.

enum cudaError_t {
    cudaSuccess = 0,
    cudaErrorInvalidValue = 1,
    cudaErrorMemoryAllocation = 2,
    cudaErrorInitializationError = 3,
    cudaErrorInsufficientDriver = 35,
    cudaErrorNoDevice = 100,
    cudaErrorNotReady = 600,
    cudaErrorIllegalAddress = 700,
    cudaErrorLaunchTimeout = 702,
    cudaErrorAssert = 710,
    cudaErrorHardwareStackError = 714,
    cudaErrorIllegalInstruction = 715,
    cudaErrorMisalignedAddress = 716,
    cudaErrorLaunchFailure = 719,
    cudaErrorStreamCaptureUnsupported = 900,
};
const char* cudaGetErrorName(cudaError_t error);
const char* cudaGetErrorString(cudaError_t error);
cudaError_t cudaGetLastError();

struct cudaDeviceProp {
    char name[256];
    int major, minor;
    int multiProcessorCount;
    std::size_t totalGlobalMem;
    std::size_t sharedMemPerBlock;
};
cudaError_t cudaGetDeviceCount(int* count);
cudaError_t cudaGetDevice(int* device);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device);
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total);
cudaError_t cudaDriverGetVersion(int* version);
cudaError_t cudaRuntimeGetVersion(int* version);

using cudaStream_t = struct cudaStream*;
enum { cudaStreamNonBlocking = 1 };
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);

enum cudaMemcpyKind { cudaMemcpyHostToDevice = 1, cudaMemcpyDeviceToHost = 2 };
cudaError_t cudaMalloc(void** memory, std::size_t bytes);
cudaError_t cudaFree(void* memory);
cudaError_t cudaMallocHost(void** memory, std::size_t bytes);
cudaError_t cudaFreeHost(void* memory);
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream);

using cudaEvent_t = struct cudaEvent*;
enum { cudaEventDisableTiming = 2 };
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags);
cudaError_t cudaEventDestroy(cudaEvent_t event);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream);
cudaError_t cudaEventSynchronize(cudaEvent_t event);
cudaError_t cudaEventQuery(cudaEvent_t event);

using cudaGraph_t = struct cudaGraph*;
using cudaGraphExec_t = struct cudaGraph*;
using cudaGraphNode_t = struct cudaGraphNode*;
enum cudaStreamCaptureMode { cudaStreamCaptureModeRelaxed = 2 };
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode);
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph);
cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t* nodes, std::size_t* count);
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long flags);
cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream);
cudaError_t cudaGraphDestroy(cudaGraph_t graph);
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable);

struct cudaLaunchConfig_t {
    dim3 gridDim, blockDim;
    std::size_t dynamicSmemBytes = 0;
    cudaStream_t stream = nullptr;
    void* attrs = nullptr;
    unsigned numAttrs = 0;
};

namespace cuda_on_host {

/// Does it now, or when the graph that the stream is captured into is launched.
cudaError_t submit(cudaStream_t stream, std::function<void()> work);

/// What a launch with these sizes would be refused for on a device, or cudaSuccess.
cudaError_t check_launch(const cudaLaunchConfig_t& config);

}  // namespace cuda_on_host

/// Runs all threads of all blocks, in an order that no kernel may depend on.
template <class... Parameters, class... Arguments>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameters...),
                               Arguments&&... arguments) {
    if (const cudaError_t error = cuda_on_host::check_launch(*config); error != cudaSuccess) return error;
    return cuda_on_host::submit(
        config->stream, [launch = *config, kernel, values = std::tuple<std::decay_t<Parameters>...>(arguments...)] {
            cuda_on_host::run_grid(launch.gridDim, launch.blockDim, launch.dynamicSmemBytes,
                                   [&] { std::apply(kernel, values); });
        });
}
