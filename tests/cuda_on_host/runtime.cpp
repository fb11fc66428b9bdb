// The calls of the runtime but for copies: one device, its memory and its streams. The environment says what it lacks,
// for the tests of errors: TAPEGRAD_CUDA_ON_HOST_DEVICE is no_driver, none or old; TAPEGRAD_CUDA_ON_HOST_MEMORY its
// bytes.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>

#include "tests/cuda_on_host/stream.hpp"

using cuda_on_host::set_error;

namespace {

std::string_view variable(const char* name) {
    const char* const text = std::getenv(name);
    return text == nullptr ? "" : text;
}

thread_local cudaError_t last_error = cudaSuccess;

/// Memory of the device: pages of its own with one behind them that may not be touched, so that reading or writing over
/// the end stops the process; full of NaN at first.
class Memory {
public:
    cudaError_t allocate(void** memory, std::size_t bytes) {
        const std::lock_guard lock(mutex_);
        if (bytes > total() - used_) return set_error(cudaErrorMemoryAllocation);
        const std::size_t page = page_size(), rounded = (bytes + alignment - 1) / alignment * alignment;
        const std::size_t pages = (rounded + page - 1) / page * page;
        void* const mapped =
            mmap(nullptr, pages + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (mapped == MAP_FAILED) return set_error(cudaErrorMemoryAllocation);
        char* const begin = static_cast<char*>(mapped);
        mprotect(begin + pages, page, PROT_NONE);
        *memory = begin + pages - rounded;
        std::memset(*memory, 0xff, rounded);
        blocks_[*memory] = {mapped, pages + page, bytes};
        used_ += bytes;
        return cudaSuccess;
    }

    cudaError_t free(void* memory) {
        if (memory == nullptr) return cudaSuccess;
        const std::lock_guard lock(mutex_);
        const auto found = blocks_.find(memory);
        if (found == blocks_.end()) return set_error(cudaErrorInvalidValue);
        munmap(found->second.mapped, found->second.mapped_bytes);
        used_ -= found->second.bytes;
        blocks_.erase(found);
        return cudaSuccess;
    }

    std::size_t total() const {
        const std::string_view limit = variable("TAPEGRAD_CUDA_ON_HOST_MEMORY");
        return limit.empty() ? std::size_t{8} << 30 : std::strtoull(limit.data(), nullptr, 10);
    }
    std::size_t used() {
        const std::lock_guard lock(mutex_);
        return used_;
    }

private:
    static constexpr std::size_t alignment = 64;  // what the ABI promises, and no more
    struct Block {
        void* mapped;
        std::size_t mapped_bytes, bytes;
    };
    static std::size_t page_size() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

    std::mutex mutex_;
    std::map<void*, Block> blocks_;
    std::size_t used_ = 0;
};

// As with the driver: a process that was forked after the first call cannot use the device.
bool was_forked() {
    static const pid_t first = getpid();
    return getpid() != first;
}

Memory& device_memory() {
    static Memory memory;
    return memory;
}

}  // namespace

namespace cuda_on_host {

cudaError_t set_error(cudaError_t error) {
    if (error != cudaSuccess) last_error = error;
    return error;
}

cudaError_t submit(cudaStream_t stream, std::function<void()> work) {
    if (stream != nullptr && stream->captured != nullptr)
        stream->captured->work.push_back(std::move(work));
    else
        work();
    return cudaSuccess;
}

cudaError_t check_launch(const cudaLaunchConfig_t& config) {
    const auto threads = std::uint64_t{config.blockDim.x} * config.blockDim.y * config.blockDim.z;
    const auto blocks = std::uint64_t{config.gridDim.x} * config.gridDim.y * config.gridDim.z;
    const bool possible = threads >= 1 && threads <= 1024 && blocks >= 1 && config.gridDim.y <= 65535 &&
                          config.gridDim.z <= 65535 && config.gridDim.x <= 2147483647u &&
                          config.dynamicSmemBytes <= std::size_t{48} * 1024;
    return possible ? cudaSuccess : set_error(cudaErrorInvalidValue);
}

}  // namespace cuda_on_host

const char* cudaGetErrorName(cudaError_t error) {
    static const std::map<cudaError_t, const char*> names = {
        {cudaSuccess, "cudaSuccess"},
        {cudaErrorInvalidValue, "cudaErrorInvalidValue"},
        {cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation"},
        {cudaErrorInitializationError, "cudaErrorInitializationError"},
        {cudaErrorInsufficientDriver, "cudaErrorInsufficientDriver"},
        {cudaErrorNoDevice, "cudaErrorNoDevice"},
        {cudaErrorNotReady, "cudaErrorNotReady"},
        {cudaErrorIllegalAddress, "cudaErrorIllegalAddress"},
        {cudaErrorLaunchTimeout, "cudaErrorLaunchTimeout"},
        {cudaErrorAssert, "cudaErrorAssert"},
        {cudaErrorHardwareStackError, "cudaErrorHardwareStackError"},
        {cudaErrorIllegalInstruction, "cudaErrorIllegalInstruction"},
        {cudaErrorMisalignedAddress, "cudaErrorMisalignedAddress"},
        {cudaErrorLaunchFailure, "cudaErrorLaunchFailure"},
        {cudaErrorStreamCaptureUnsupported, "cudaErrorStreamCaptureUnsupported"},
    };
    const auto found = names.find(error);
    return found != names.end() ? found->second : "an unknown error";
}
const char* cudaGetErrorString(cudaError_t error) { return cudaGetErrorName(error); }
cudaError_t cudaGetLastError() { return std::exchange(last_error, cudaSuccess); }

cudaError_t cudaGetDeviceCount(int* count) {
    const std::string_view lack = variable("TAPEGRAD_CUDA_ON_HOST_DEVICE");
    if (was_forked()) return set_error(cudaErrorInitializationError);
    *count = lack == "none" || lack == "no_driver" ? 0 : 1;
    if (lack == "no_driver") return set_error(cudaErrorInsufficientDriver);
    return lack == "none" ? set_error(cudaErrorNoDevice) : cudaSuccess;
}
cudaError_t cudaGetDevice(int* device) {
    *device = 0;
    return cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
    const bool old = variable("TAPEGRAD_CUDA_ON_HOST_DEVICE") == "old";
    *properties = {.name = "emulated on the host",
                   .major = old ? 6 : 9,
                   .minor = 0,
                   .multiProcessorCount = 4,
                   .totalGlobalMem = device_memory().total(),
                   .sharedMemPerBlock = std::size_t{48} * 1024};
    return cudaSuccess;
}
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
    *total = device_memory().total();
    *free = *total - device_memory().used();
    return cudaSuccess;
}
cudaError_t cudaDriverGetVersion(int* version) {
    *version = variable("TAPEGRAD_CUDA_ON_HOST_DEVICE") == "no_driver" ? 0 : 13000;
    return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) {
    *version = 13000;
    return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
    if (was_forked()) return set_error(cudaErrorInitializationError);
    *stream = new cudaStream;
    return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
    delete stream;
    return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
    if (stream->captured != nullptr) return set_error(cudaErrorStreamCaptureUnsupported);
    stream->end_copies();
    return cudaSuccess;
}

cudaError_t cudaMalloc(void** memory, std::size_t bytes) {
    if (was_forked()) return set_error(cudaErrorInitializationError);
    return device_memory().allocate(memory, bytes);
}
cudaError_t cudaFree(void* memory) { return device_memory().free(memory); }

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
    if (stream == nullptr || stream->captured != nullptr) return set_error(cudaErrorStreamCaptureUnsupported);
    stream->captured = new cudaGraph;
    return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
    if (stream == nullptr || stream->captured == nullptr) return set_error(cudaErrorStreamCaptureUnsupported);
    *graph = std::exchange(stream->captured, nullptr);
    return cudaSuccess;
}
cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t*, std::size_t* count) {
    *count = graph->work.size();
    return cudaSuccess;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long) {
    *executable = new cudaGraph(*graph);
    return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t) {
    for (const std::function<void()>& work : executable->work) work();
    return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
    delete graph;
    return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) { return cudaGraphDestroy(executable); }
