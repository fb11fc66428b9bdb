// A backend as the engine sees it: an opened plugin, its kernels, and memory that is kept and used again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "autograd/shape.hpp"
#include "backends/backend_abi.h"

namespace tapegrad {

/// A kernel's name turned into a small number, so that finding a kernel in a backend is an array access.
class KernelId {
public:
    explicit KernelId(std::string_view name);
    std::uint32_t number() const { return number_; }
    const std::string& name() const;

private:
    std::uint32_t number_;
};

/// Adds or replaces a kernel of the named backend; backends opened afterwards use it.
void register_kernel(const std::string& backend, std::string_view kernel, DType dtype, tg_kernel function);

/// The names of the kernels that every backend must have, and the dtypes each is needed for.
struct MandatoryKernel {
    const char* name;
    std::vector<DType> dtypes;
};
const std::vector<MandatoryKernel>& mandatory_kernels();

/// One opened plugin. Used by one thread at a time; tensors keep it alive.
class Backend {
public:
    /// Opens `plugin` with that many threads. Throws BackendError with the plugin's own words when it refuses.
    static std::shared_ptr<Backend> open(const tg_backend& plugin, int threads);
    ~Backend();
    Backend(const Backend&) = delete;
    Backend& operator=(const Backend&) = delete;

    const std::string& name() const { return name_; }
    int threads() const { return threads_; }
    /// What computes, in the plugin's own words: instruction set, threads, libraries.
    std::string description() const { return plugin_.describe(context_); }

    /// The kernel for that dtype of the first output, or null.
    tg_kernel kernel(KernelId id, DType dtype);

    /// Runs a kernel. Throws BackendError with the plugin's words when it fails.
    void call(KernelId id, tg_kernel function, std::span<const tg_array> inputs, std::span<const tg_array> outputs,
              std::span<const std::int64_t> integers, std::span<const double> reals);

    /// Memory of at least `bytes`, from the blocks kept for reuse or else from the plugin. Throws BackendError with
    /// the size when there is none.
    void* allocate(std::size_t bytes);
    /// Gives a block of `allocate(bytes)` back for reuse.
    void release(void* memory, std::size_t bytes);
    /// How often memory was asked of the plugin so far; stands still once training has warmed up.
    std::uint64_t plugin_allocations() const { return plugin_allocations_; }

    void upload(void* to, const void* from_host, std::size_t bytes);
    void download(void* to_host, const void* from, std::size_t bytes);

private:
    Backend(const tg_backend& plugin, int threads);
    [[noreturn]] void fail(const std::string& where) const;

    const tg_backend& plugin_;
    tg_context* context_ = nullptr;
    std::string name_;
    int threads_;
    struct Lookup {
        bool done = false;
        tg_kernel function = nullptr;
    };
    std::vector<std::array<Lookup, 3>> lookups_;
    std::unordered_map<std::size_t, std::vector<void*>> kept_;
    std::uint64_t plugin_allocations_ = 0;
};

using BackendPtr = std::shared_ptr<Backend>;

}  // namespace tapegrad
