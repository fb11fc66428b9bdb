// A backend as the engine sees it: an opened plugin, its kernels, and memory that is kept and used again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "autograd/errors.hpp"
#include "autograd/kernel_watch.hpp"
#include "autograd/memory.hpp"
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

/// What a plugin says, which may be nothing.
inline std::string words_of(const char* text) { return text == nullptr || *text == 0 ? "(no words)" : text; }

/// A memory limit that was set does not allow what is needed.
class MemoryLimitError : public BackendError {
    using BackendError::BackendError;
};

class Backend;
class OpProfile;
struct TapeNode;
using BackendPtr = std::shared_ptr<Backend>;

/// One opened plugin. It and its tensors are used by one thread at a time; tensors keep it alive.
class Backend : public std::enable_shared_from_this<Backend> {
public:
    /// Opens `plugin` with that many threads. Throws BackendError with the plugin's own words when it refuses. A watch
    /// stays the caller's and has to outlive the backend.
    static std::shared_ptr<Backend> open(const tg_backend& plugin, int threads, KernelWatch* watch = nullptr);
    ~Backend();
    Backend(const Backend&) = delete;
    Backend& operator=(const Backend&) = delete;

    const std::string& name() const { return name_; }
    /// As asked for; description() says how many work.
    int threads() const { return threads_; }
    /// What computes, in the plugin's own words: instruction set, threads, libraries.
    std::string description() const { return words_of(plugin_.describe(context_)); }
    /// The plugin's table.
    const tg_backend& plugin() const { return plugin_; }
    /// Are kernels run here? `KernelWatch::computes` tells.
    bool computes() const { return watch_ == nullptr || watch_->computes(); }

    /// The kernel for that dtype of the first output, or null.
    tg_kernel kernel(KernelId id, DType dtype);

    /// Runs a kernel, unless no output has an element. Throws BackendError with the plugin's words when it fails.
    void call(KernelId id, tg_kernel function, std::span<const tg_array> inputs, std::span<const tg_array> outputs,
              std::span<const std::int64_t> integers, std::span<const double> reals);

    /// Memory of at least `bytes`, from the blocks kept for reuse or else from the plugin. When the plugin has none,
    /// all kept blocks go back to it before it is asked again, as when the limit would be passed. Throws BackendError
    /// with the size when that fails too.
    Block allocate(std::size_t bytes);
    /// Gives a block back for reuse.
    void release(Block block) noexcept;
    /// How often memory was asked of the plugin so far; stands still once training has warmed up.
    std::uint64_t plugin_allocations() const { return plugin_allocations_; }
    /// How many bytes the blocks have that are in use now, and had at most since `restart_peak`. Blocks are a little
    /// larger than what was asked for; those kept for reuse do not count, but those that recorded kernels use do.
    std::size_t bytes_in_use() const { return bytes_in_use_; }
    std::size_t peak_bytes() const { return peak_bytes_; }
    void restart_peak() { peak_bytes_ = bytes_in_use_; }
    /// From now on the plugin is asked for no more than that many bytes in all, and who needs more gets
    /// MemoryLimitError; what is there already stays.
    void set_memory_limit(std::size_t bytes) { memory_limit_ = bytes; }

    /// A place for what a tensor keeps about itself, of the same size each time. The backend lives as long as one is
    /// taken.
    void* take_place(std::size_t bytes);
    void give_place(void* place) noexcept;
    /// The owner of this backend while a place is taken.
    const BackendPtr& shared() const { return self_; }

    /// Room for the nodes of a tape: what the last tape had, if it was not very long.
    std::vector<TapeNode> take_nodes();
    void keep_nodes(std::vector<TapeNode> nodes);

    /// Counts the ops that run here from now on; null: none. Stays the caller's.
    void set_profile(OpProfile* profile) { profile_ = profile; }
    OpProfile* profile() const { return profile_; }

    void upload(void* to, const void* from_host, std::size_t bytes);
    void download(void* to_host, const void* from, std::size_t bytes);
    /// Waits until all that was asked for is computed, which a download does too: for whoever takes time.
    void sync();

    /// Can kernels be recorded here? `CapturedWork` does it.
    bool can_capture() const { return plugin_.begin_capture != nullptr; }
    /// Can work go on while numbers travel to the host? `Download` does it.
    bool can_download_later() const { return plugin_.begin_download != nullptr; }

private:
    friend class CapturedWork;
    friend class Download;

    /// Memory that recorded kernels use, kept from everybody else until they are gone.
    struct ReservedMemory {
        std::unordered_set<const void*> blocks;
        KeptBlocks kept;          ///< made while recording and given back: for kernels that are recorded later
        std::vector<Block> held;  ///< from before, given back while recording: kernels that are recorded may read it
    };

    Backend(const tg_backend& plugin, int threads, KernelWatch* watch);
    tg_kernel find_kernel(KernelId id, DType dtype) const;
    int run(KernelId id, tg_kernel function, tg_call& call);
    Block ask_for_block(std::size_t size, std::size_t bytes);
    bool release_reserved(Block block);
    /// Kept as long as it has an owner.
    std::shared_ptr<ReservedMemory> reserve_memory();
    void unreserve(ReservedMemory& memory) noexcept;
    void* ask_for_memory(std::size_t bytes);
    void give_memory_back(Block block) noexcept;
    void free_kept();
    void refuse_while_recording(const char* what) const;
    [[noreturn]] void fail(const std::string& where) const;

    const tg_backend& plugin_;
    tg_context* context_ = nullptr;
    KernelWatch* watch_;
    std::size_t guard_bytes_;
    std::string name_;
    int threads_;
    struct Lookup {
        bool done = false;
        tg_kernel function = nullptr;
    };
    std::vector<std::array<Lookup, 3>> lookups_;
    KeptBlocks kept_;
    ReservedMemory* recording_ = nullptr;
    std::vector<ReservedMemory*> reserved_;
    FreeList places_;
    std::size_t taken_places_ = 0;
    BackendPtr self_;
    std::vector<TapeNode> kept_nodes_;
    OpProfile* profile_ = nullptr;
    std::uint64_t plugin_allocations_ = 0;
    std::size_t bytes_of_plugin_ = 0;  ///< of all blocks, used or kept
    static constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();
    std::size_t memory_limit_ = no_limit;
    std::size_t bytes_in_use_ = 0;
    std::size_t peak_bytes_ = 0;
};

}  // namespace tapegrad
