// The SIMD backend: kernels compiled for three instruction sets from one source, OpenMP for threads, OpenBLAS for
// products.
#include <dlfcn.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <new>
#include <string>
#include <thread>

#include "backends/simd/context.hpp"
#include "backends/simd/instruction_set.hpp"
#include "backends/simd/kernel_table.hpp"
#include "backends/simd/temporary_variable.hpp"

namespace tapegrad::simd {
namespace {

constexpr std::size_t cache_line = 64;
constexpr std::size_t huge_page = std::size_t{2} << 20;

thread_local const char* open_error = "no error";

/// The kernels for the instruction set that was chosen, or why there are none.
struct Kernels {
    InstructionSetChoice choice;
    KernelTable table;
};

/// Each compilation is a library of its own beside this one, so that an inline function compiled for AVX-512 can never
/// stand in for the same function in code for an older processor.
Kernels load_kernels() {
    Kernels kernels{choose_instruction_set(), {}};
    if (!kernels.choice.refusal.empty()) return kernels;
    Dl_info self{};
    dladdr(reinterpret_cast<void*>(&load_kernels), &self);
    const std::filesystem::path file = std::filesystem::path(self.dli_fname).parent_path() /
                                       ("libtapegrad_simd_" + to_string(kernels.choice.set) + ".so");
    // GCC's OpenMP lets threads without work spin for milliseconds: where other programs compete for the processors,
    // that is time taken from the thread that they wait for, and a step takes ten times as long. This is some 0.1 ms.
    const TemporaryVariable spinning("GOMP_SPINCOUNT", std::getenv("OMP_WAIT_POLICY") == nullptr ? "10000" : nullptr);
    void* const library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    void* const entry_point = library == nullptr ? nullptr : dlsym(library, kernels_entry_point);
    if (entry_point == nullptr)
        kernels.choice.refusal = std::string("its kernels cannot be loaded: ") + dlerror();
    else
        reinterpret_cast<KernelsEntryPoint>(entry_point)(kernels.table);
    return kernels;
}

const Kernels& kernels() {
    static const Kernels instance = load_kernels();
    return instance;
}

int probe(const char** reason) noexcept {
    try {
        const std::string& refusal = kernels().choice.refusal;
        if (refusal.empty()) return 10;
        // Whoever asks for a set wants to know, also where another backend takes over.
        if (std::getenv("TAPEGRAD_SIMD") != nullptr) std::fprintf(stderr, "tapegrad: no simd: %s\n", refusal.c_str());
        *reason = refusal.c_str();
    } catch (const std::exception&) {
        *reason = "its kernels could not be loaded";
    }
    return -1;
}

/// More threads than this only wait for each other, and a system that cannot make them ends the process.
int most_threads() { return 4 * static_cast<int>(std::max(1u, std::thread::hardware_concurrency())); }

int open(int threads, tg_context** context) noexcept {
    if (threads < 1) {
        open_error = "simd: the number of threads must be at least 1";
        return TG_FAILED;
    }
    try {
        const Blas& blas = open_blas();
        const int used = std::min(threads, most_threads());
        *context = new tg_context{.threads = used, .blas = blas.usable() ? &blas : nullptr};
        (*context)->description = to_string(kernels().choice.set) + ", " + std::to_string(used) +
                                  (used == 1 ? " thread, " : " threads, ") + blas.name;
        return TG_OK;
    } catch (const std::exception&) {
        open_error = "simd: no memory for a context";
        return TG_FAILED;
    }
}

void close(tg_context* context) { delete context; }

/// With room for one vector behind the end, so that kernels may read (never write) whole vectors there. Large blocks
/// lie on huge pages: gathering rows from 4 KiB ones misses the address cache at every row.
void* alloc(tg_context* context, std::size_t bytes) noexcept {
    void* memory = nullptr;
    if (bytes <= PTRDIFF_MAX - 2 * huge_page) {
        const std::size_t alignment = bytes >= 2 * huge_page ? huge_page : cache_line;
        const std::size_t size = (bytes + cache_line + alignment - 1) / alignment * alignment;
        memory = std::aligned_alloc(alignment, size);
        // Not the last one, of which an array may use little.
        if (memory != nullptr && alignment == huge_page) madvise(memory, bytes / huge_page * huge_page, MADV_HUGEPAGE);
    }
    if (memory == nullptr)
        std::snprintf(context->last_error, sizeof(context->last_error), "simd: no memory for %zu bytes", bytes);
    return memory;
}

void free(tg_context*, void* memory) { std::free(memory); }

int copy(tg_context*, void* to, const void* from, std::size_t bytes) {
    std::memcpy(to, from, bytes);
    return TG_OK;
}

int sync(tg_context*) { return TG_OK; }

const char* last_error(tg_context* context) { return context != nullptr ? context->last_error : open_error; }

const char* describe(tg_context* context) { return context->description.c_str(); }

tg_kernel find_kernel(const char* name, tg_dtype dtype) {
    if (dtype != TG_F32 && dtype != TG_F64 && dtype != TG_I32) return nullptr;
    for (const std::span<const Kernel>& family : kernels().table)
        for (const Kernel& kernel : family)
            if (kernel.name == name) return kernel.of_dtype[dtype];
    return nullptr;
}

constexpr tg_backend backend = {
    .abi_version = TG_ABI_VERSION,
    .struct_size = sizeof(tg_backend),
    .name = "simd",
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
}  // namespace tapegrad::simd

extern "C" [[gnu::visibility("default")]] const tg_backend* tapegrad_backend() { return &tapegrad::simd::backend; }
