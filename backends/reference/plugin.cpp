// The reference backend: the mandatory kernels alone, on the calling thread, in the host's memory. It is the
// specification that every other backend is compared with.
#include <cstdlib>
#include <new>

#include "backends/reference/kernels.hpp"

namespace tapegrad::reference {
namespace {

constexpr std::size_t alignment = 64;

thread_local const char* open_error = "no error";

int fail(tg_context* context, const char* reason) noexcept {
    context->last_error = reason;
    return TG_FAILED;
}

/// Lower than any backend made for speed.
int probe(const char**) { return 1; }

int open(int threads, tg_context** context) {
    if (threads < 1) {
        open_error = "reference: the number of threads must be at least 1";
        return TG_FAILED;
    }
    *context = new (std::nothrow) tg_context;
    if (*context == nullptr) open_error = "reference: no memory for a context";
    return *context == nullptr ? TG_FAILED : TG_OK;
}

void close(tg_context* context) { delete context; }

void* alloc(tg_context* context, std::size_t bytes) {
    const bool possible = bytes <= PTRDIFF_MAX;
    void* memory = possible ? std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment) : nullptr;
    if (memory == nullptr) fail(context, "reference: out of memory");
    return memory;
}

void free(tg_context*, void* memory) { std::free(memory); }

int copy(tg_context*, void* to, const void* from, std::size_t bytes) {
    std::copy_n(static_cast<const std::byte*>(from), bytes, static_cast<std::byte*>(to));
    return TG_OK;
}

int sync(tg_context*) { return TG_OK; }

const char* last_error(tg_context* context) { return context != nullptr ? context->last_error.c_str() : open_error; }

const char* describe(tg_context*) { return "plain C++, 1 thread"; }

tg_kernel find_kernel(const char* name, tg_dtype dtype) {
    if (dtype != TG_F32 && dtype != TG_F64 && dtype != TG_I32) return nullptr;
    for (const auto& family : {elementwise_kernels(), memory_kernels(), reduce_kernels(), matmul_kernels(),
                               segment_kernels(), random_kernels()})
        for (const Kernel& kernel : family)
            if (kernel.name == name) return kernel.of_dtype[dtype];
    return nullptr;
}

constexpr tg_backend backend = {
    .abi_version = TG_ABI_VERSION,
    .struct_size = sizeof(tg_backend),
    .name = "reference",
    .version = "0.1.0",
    .probe = probe,
    .open = open,
    .close = close,
    .alloc = alloc,
    .free = free,
    .upload = copy,
    .download = copy,
    .sync = sync,
    .last_error = last_error,
    .describe = describe,
    .kernel = find_kernel,
};

}  // namespace
}  // namespace tapegrad::reference

extern "C" [[gnu::visibility("default")]] const tg_backend* tapegrad_backend() { return &tapegrad::reference::backend; }
