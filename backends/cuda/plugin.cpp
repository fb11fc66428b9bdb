// The CUDA backend: one device, one stream, on which kernels and copies happen in order. The plugin loads anywhere;
// where no GPU answers, its probe says why.
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <utility>

#include "backends/cuda/errors.hpp"
#include "backends/cuda/kernel_table.hpp"

/// Kernels that were captured.
struct tg_graph {
    cudaGraphExec_t executable;
    std::int64_t nodes;
};

namespace tapegrad::cuda {
namespace {

constexpr int oldest_major = 7, oldest_minor = 5;  // what the kernels are compiled for

thread_local std::string open_error = "no error";

bool has_driver() {
    int driver = 0;
    return cudaDriverGetVersion(&driver) == cudaSuccess && driver > 0;
}

/// Why there is no device to compute on, or nothing.
std::string missing_device() {
    int driver = 0, devices = 0;
    if (!has_driver()) return "cuda: there is no NVIDIA driver; install one, or compute with --backend simd";
    cudaDriverGetVersion(&driver);
    const cudaError_t error = cudaGetDeviceCount(&devices);
    cudaGetLastError();
    if (error == cudaErrorInsufficientDriver) {
        int runtime = 0;
        cudaRuntimeGetVersion(&runtime);
        return "cuda: the driver is for CUDA " + version_text(driver) + ", but this backend was built with CUDA " +
               version_text(runtime) + "; update the driver, or compute with --backend simd";
    }
    if (error != cudaSuccess) return "cuda: no device answers (" + text_of(error) + "); compute with --backend simd";
    cudaDeviceProp device = {};
    if (cudaGetDeviceProperties(&device, 0) != cudaSuccess) return "cuda: device 0 does not answer";
    if (std::pair(device.major, device.minor) < std::pair(oldest_major, oldest_minor))
        return "cuda: " + std::string(device.name) + " has compute capability " + std::to_string(device.major) + "." +
               std::to_string(device.minor) + ", this backend needs " + std::to_string(oldest_major) + "." +
               std::to_string(oldest_minor) + "; compute with --backend simd";
    return "";
}

/// Above the backends that compute on the processor.
int probe(const char** reason) {
    static const std::string missing = missing_device();
    if (missing.empty()) return 100;
    *reason = missing.c_str();
    return has_driver() ? -2 : -1;
}

void close(tg_context* context) {
    if (context == nullptr) return;
    context->blas.reset();
    if (context->stream != nullptr) {
        cudaStreamSynchronize(context->stream);  // uploads may still be read
        cudaStreamDestroy(context->stream);
    }
    delete context;
}

int open(int threads, tg_context** result) {
    if (threads < 1) {
        open_error = "cuda: the number of threads must be at least 1";
        return TG_FAILED;
    }
    if (open_error = missing_device(); !open_error.empty()) return TG_FAILED;
    auto* const context = new (std::nothrow) tg_context;
    if (context == nullptr) {
        open_error = "cuda: no memory for a context";
        return TG_FAILED;
    }
    cudaDeviceProp device = {};
    const char* const blocking = std::getenv("TAPEGRAD_CUDA_BLOCKING");
    context->blocking = blocking != nullptr && *blocking == '1';
    if (check(*context, cudaGetDevice(&context->device), "choosing a device") != TG_OK ||
        check(*context, cudaGetDeviceProperties(&device, context->device), "asking for the device") != TG_OK ||
        check(*context, cudaStreamCreateWithFlags(&context->stream, cudaStreamNonBlocking), "making a stream") !=
            TG_OK) {
        open_error = context->last_error;
        close(context);
        return TG_FAILED;
    }
    context->blas = open_blas(*context);
    int runtime = 0;
    cudaRuntimeGetVersion(&runtime);
    context->description = std::string(device.name) + ", compute capability " + std::to_string(device.major) + "." +
                           std::to_string(device.minor) + ", " + std::to_string(device.totalGlobalMem >> 20) +
                           " MiB, CUDA " + version_text(runtime) +
                           (context->blas ? std::string(", ") + context->blas->describe() : ", no cuBLAS");
    *result = context;
    return TG_OK;
}

// The engine keeps what it gives back, and on one stream the next kernel may use it at once: only the first steps
// come here. cudaMallocAsync would become a part of what is captured.
void* alloc(tg_context* context, std::size_t bytes) {
    void* memory = nullptr;
    const cudaError_t result = cudaMalloc(&memory, bytes);
    if (result == cudaSuccess) return memory;
    out_of_memory(*context, bytes, result);
    return nullptr;
}

void free(tg_context*, void* memory) { cudaFree(memory); }

int sync(tg_context* context) {
    if (context->captures) return refuse_while_capturing(*context, "waiting for results");
    return check(*context, cudaStreamSynchronize(context->stream), "a kernel");
}

const char* last_error(tg_context* context) {
    return context != nullptr ? context->last_error.c_str() : open_error.c_str();
}

const char* describe(tg_context* context) { return context->description.c_str(); }

tg_kernel find_kernel(const char* name, tg_dtype dtype) {
    if (dtype != TG_F32 && dtype != TG_F64 && dtype != TG_I32) return nullptr;
    for (const auto& family : {elementwise_kernels(), memory_kernels(), reduce_kernels(), matmul_kernels(),
                               segment_kernels(), random_kernels(), bias_kernels(), softmax_kernels(), loss_kernels(),
                               optimizer_kernels(), segment_softmax_kernels(), sparse_kernels(), attention_kernels(),
                               attention_score_kernels(), attention_gradient_kernels()})
        for (const Kernel& kernel : family)
            if (kernel.name == name) return kernel.of_dtype[dtype];
    return nullptr;
}

int begin_capture(tg_context* context) {
    // Relaxed: memory may be asked for in the meantime.
    const int begun =
        check(*context, cudaStreamBeginCapture(context->stream, cudaStreamCaptureModeRelaxed), "beginning a capture");
    context->captures = begun == TG_OK;
    return begun;
}

int end_capture(tg_context* context, tg_graph** result) {
    context->captures = false;
    cudaGraph_t recorded = nullptr;
    const int ended = check(*context, cudaStreamEndCapture(context->stream, &recorded), "ending a capture");
    if (ended != TG_OK || result == nullptr) {
        if (recorded != nullptr) cudaGraphDestroy(recorded);
        return ended;
    }
    cudaGraphExec_t executable = nullptr;
    std::size_t nodes = 0;
    int made = check(*context, cudaGraphGetNodes(recorded, nullptr, &nodes), "counting what was captured");
    if (made == TG_OK) made = check(*context, cudaGraphInstantiate(&executable, recorded, 0), "making a graph");
    cudaGraphDestroy(recorded);
    if (made != TG_OK) return made;
    *result = new (std::nothrow) tg_graph{executable, static_cast<std::int64_t>(nodes)};
    if (*result != nullptr) return TG_OK;
    cudaGraphExecDestroy(executable);
    return context->fail("cuda: no memory for a graph");
}

int replay(tg_context* context, tg_graph* graph) {
    context->latest_kernel = "a captured step";
    return check(*context, cudaGraphLaunch(graph->executable, context->stream), "starting a graph");
}

void free_graph(tg_context*, tg_graph* graph) {
    cudaGraphExecDestroy(graph->executable);
    delete graph;
}

std::int64_t graph_size(tg_context*, tg_graph* graph) { return graph->nodes; }

constexpr tg_backend backend = {
    .abi_version = TG_ABI_VERSION,
    .struct_size = sizeof(tg_backend),
    .name = TAPEGRAD_CUDA_NAME,
    .version = "0.1.0",
    .probe = probe,
    .open = open,
    .close = close,
    .alloc = alloc,
    .free = free,
    .upload = upload,
    .download = download,
    .sync = sync,
    .last_error = last_error,
    .describe = describe,
    .kernel = find_kernel,
    .begin_capture = begin_capture,
    .end_capture = end_capture,
    .replay = replay,
    .free_graph = free_graph,
    .graph_size = graph_size,
    .begin_download = begin_download,
    .finish_download = finish_download,
};

}  // namespace
}  // namespace tapegrad::cuda

extern "C" [[gnu::visibility("default")]] const tg_backend* tapegrad_backend() { return &tapegrad::cuda::backend; }
