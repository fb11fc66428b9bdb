#include "autograd/backend.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <tuple>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "autograd/errors.hpp"
#include "autograd/tape.hpp"

namespace tapegrad {

namespace {

// The kernel registry: names by number, and the kernels that extensions added.
struct KernelRegistry {
    std::mutex mutex;
    std::unordered_map<std::string, std::uint32_t> numbers;
    std::vector<std::unique_ptr<std::string>> names;
    std::map<std::tuple<std::string, std::uint32_t, DType>, tg_kernel> added;
};

KernelRegistry& registry() {
    static KernelRegistry instance;
    return instance;
}

}  // namespace

KernelId::KernelId(std::string_view name) {
    KernelRegistry& kernels = registry();
    const std::lock_guard lock(kernels.mutex);
    const auto [entry, is_new] =
        kernels.numbers.emplace(std::string(name), static_cast<std::uint32_t>(kernels.names.size()));
    if (is_new) kernels.names.push_back(std::make_unique<std::string>(name));
    number_ = entry->second;
}

const std::string& KernelId::name() const {
    KernelRegistry& kernels = registry();
    const std::lock_guard lock(kernels.mutex);
    return *kernels.names[number_];
}

void register_kernel(const std::string& backend, std::string_view kernel, DType dtype, tg_kernel function) {
    if (function == nullptr)
        throw BackendError("register_kernel", fmt::format("a function for {}", kernel), "null", "pass the kernel");
    const KernelId id(kernel);
    KernelRegistry& kernels = registry();
    const std::lock_guard lock(kernels.mutex);
    kernels.added[{backend, id.number(), dtype}] = function;
}

const std::vector<MandatoryKernel>& mandatory_kernels() {
    static const std::vector<MandatoryKernel> list = [] {
        const std::vector<DType> floats = {DType::f32, DType::f64};
        const std::vector<DType> all = {DType::f32, DType::f64, DType::i32};
        std::vector<MandatoryKernel> kernels = {
            {"fill", all}, {"strided_copy", all}, {"cast", all}, {"gather", all}, {"random_mask", {DType::i32}}};
        for (const char* name :
             {"add",        "mul",        "div",    "maximum",     "greater",     "where",       "exp",
              "expm1",      "log",        "log1p",  "sqrt",        "tanh",        "erf",         "pow",
              "reduce_sum", "reduce_max", "matmul", "scatter_sum", "scatter_max", "masked_scale"})
            kernels.push_back({name, floats});
        return kernels;
    }();
    return list;
}

std::shared_ptr<Backend> Backend::open(const tg_backend& plugin, int threads, KernelWatch* watch) {
    return std::shared_ptr<Backend>(new Backend(plugin, threads, watch));
}

Backend::Backend(const tg_backend& plugin, int threads, KernelWatch* watch)
    : plugin_(plugin),
      watch_(watch),
      guard_bytes_(watch == nullptr ? 0 : watch->guard_bytes()),
      name_(plugin.name),
      threads_(threads) {
    if (plugin_.open(threads, &context_) != TG_OK) fail("open");
}

Backend::~Backend() {
    free_kept();
    plugin_.close(context_);
}

void Backend::fail(const std::string& where) const {
    throw BackendError(fmt::format("backend {}, {}", name_, where), "success", words_of(plugin_.last_error(context_)),
                       "try another backend, for example \"reference\"");
}

// The one that an extension added, or else the plugin's.
tg_kernel Backend::find_kernel(KernelId id, DType dtype) const {
    const std::string& name = id.name();
    const std::lock_guard lock(registry().mutex);
    const auto added = registry().added.find({name_, id.number(), dtype});
    return added != registry().added.end() ? added->second : plugin_.kernel(name.c_str(), static_cast<tg_dtype>(dtype));
}

tg_kernel Backend::kernel(KernelId id, DType dtype) {
    if (id.number() >= lookups_.size()) lookups_.resize(id.number() + 1);
    Lookup& lookup = lookups_[id.number()][static_cast<std::size_t>(dtype)];
    if (!lookup.done)
        lookup = {true, watch_ == nullptr || watch_->offers(id, dtype) ? find_kernel(id, dtype) : nullptr};
    return lookup.function;
}

void Backend::call(KernelId id, tg_kernel function, std::span<const tg_array> inputs, std::span<const tg_array> outputs,
                   std::span<const std::int64_t> integers, std::span<const double> reals) {
    // Beside a dimension of 0 there may be one of 2^59, through which a kernel would walk.
    if (std::ranges::all_of(outputs, [](const tg_array& output) { return output.size == 0; })) return;
    tg_call call = {.inputs = inputs.data(),
                    .outputs = outputs.data(),
                    .integers = integers.data(),
                    .reals = reals.data(),
                    .input_count = static_cast<std::int32_t>(inputs.size()),
                    .output_count = static_cast<std::int32_t>(outputs.size()),
                    .integer_count = static_cast<std::int32_t>(integers.size()),
                    .real_count = static_cast<std::int32_t>(reals.size()),
                    .workspace = nullptr,
                    .workspace_size = 0};
    int status = run(id, function, call);
    if (status == TG_NEEDS_WORKSPACE) {
        const Block workspace = allocate(call.workspace_size);
        call.workspace = workspace.data;
        status = run(id, function, call);
        release(workspace);
    }
    if (status != TG_OK) fail("kernel " + id.name());
}

int Backend::run(KernelId id, tg_kernel function, tg_call& call) {
    return watch_ == nullptr ? function(context_, &call) : watch_->run(id, function, context_, call);
}

// Null beyond the limit too.
void* Backend::ask_for_memory(std::size_t bytes) {
    if (bytes > memory_limit_ || bytes_of_plugin_ > memory_limit_ - bytes) return nullptr;
    void* const memory = plugin_.alloc(context_, bytes + 2 * guard_bytes_);
    if (memory == nullptr) return nullptr;
    bytes_of_plugin_ += bytes;
    return static_cast<std::byte*>(memory) + guard_bytes_;
}

void Backend::give_memory_back(Block block) noexcept {
    bytes_of_plugin_ -= block.bytes;
    plugin_.free(context_, static_cast<std::byte*>(block.data) - guard_bytes_);
}

Block Backend::allocate(std::size_t bytes) {
    const std::size_t size = block_size(bytes);
    if (recording_ != nullptr)
        if (const Block block = recording_->kept.take(size); block.data != nullptr) return block;  // counts already
    Block block = kept_.take(size);
    if (block.data == nullptr) block = ask_for_block(size, bytes);
    if (recording_ != nullptr) recording_->blocks.insert(block.data);
    bytes_in_use_ += block.bytes;
    peak_bytes_ = std::max(peak_bytes_, bytes_in_use_);
    return block;
}

// `bytes` of it are needed.
Block Backend::ask_for_block(std::size_t size, std::size_t bytes) {
    ++plugin_allocations_;
    void* data = ask_for_memory(size);
    if (data == nullptr && recording_ == nullptr) {
        free_kept();
        data = ask_for_memory(size);
    }
    if (data == nullptr && size > memory_limit_ - std::min(memory_limit_, bytes_of_plugin_))
        throw MemoryLimitError(fmt::format("backend {}, memory", name_),
                               fmt::format("{} bytes at most, as was asked for", memory_limit_),
                               fmt::format("{} bytes in use and {} more", bytes_in_use_, bytes),
                               "Allow more, or use a smaller model or graph");
    if (data == nullptr)
        throw BackendError(fmt::format("backend {}, alloc", name_), fmt::format("{} bytes of memory", bytes),
                           fmt::format("none ({})", words_of(plugin_.last_error(context_))),
                           "use a smaller model or graph, or a machine with more memory");
    return {data, size};
}

void Backend::free_kept() {
    for (Block block = kept_.take_any(); block.data != nullptr; block = kept_.take_any()) give_memory_back(block);
}

void Backend::release(Block block) noexcept {
    try {
        if (release_reserved(block)) return;
        kept_.give(block);
    } catch (const std::bad_alloc&) {
        give_memory_back(block);
    }
    bytes_in_use_ -= block.bytes;
}

// False if the block is nobody's.
bool Backend::release_reserved(Block block) {
    if (recording_ != nullptr) {
        if (recording_->blocks.contains(block.data))
            recording_->kept.give(block);
        else
            recording_->held.push_back(block);
        return true;
    }
    for (ReservedMemory* const memory : reserved_)
        if (memory->blocks.contains(block.data)) {
            memory->held.push_back(block);
            return true;
        }
    return false;
}

std::shared_ptr<Backend::ReservedMemory> Backend::reserve_memory() {
    const auto give_back = [backend = shared_from_this()](ReservedMemory* memory) {
        backend->unreserve(*memory);
        delete memory;
    };
    std::shared_ptr<ReservedMemory> memory(new ReservedMemory, give_back);
    reserved_.push_back(memory.get());
    return memory;
}

void Backend::unreserve(ReservedMemory& memory) noexcept {
    std::erase(reserved_, &memory);
    const auto give_back = [this](Block block) {
        bytes_in_use_ -= block.bytes;
        give_memory_back(block);
    };
    for (Block block = memory.kept.take_any(); block.data != nullptr; block = memory.kept.take_any()) give_back(block);
    for (const Block& block : memory.held) give_back(block);
    memory.held.clear();
    memory.blocks.clear();
}

void* Backend::take_place(std::size_t bytes) {
    void* const place = places_.take(bytes);
    if (taken_places_++ == 0) self_ = shared_from_this();
    return place;
}

void Backend::give_place(void* place) noexcept {
    places_.give(place);
    // Perhaps the last owner: nothing of this object is touched after it.
    if (--taken_places_ == 0) const BackendPtr last = std::move(self_);
}

std::vector<TapeNode> Backend::take_nodes() { return std::exchange(kept_nodes_, {}); }

void Backend::keep_nodes(std::vector<TapeNode> nodes) {
    constexpr std::size_t most_bytes = std::size_t{4} << 20;
    nodes.clear();
    const std::size_t room = nodes.capacity();
    if (room > kept_nodes_.capacity() && room * sizeof(TapeNode) <= most_bytes) kept_nodes_ = std::move(nodes);
}

void Backend::refuse_while_recording(const char* what) const {
    if (recording_ != nullptr)
        throw BackendError(fmt::format("backend {}, {}", name_, what), "kernels alone while they are recorded", what,
                           "Bring what recorded kernels need before, and look at results after a replay");
}

void Backend::upload(void* to, const void* from_host, std::size_t bytes) {
    refuse_while_recording("an upload");
    if (bytes != 0 && plugin_.upload(context_, to, from_host, bytes) != TG_OK) fail("upload");
}

void Backend::download(void* to_host, const void* from, std::size_t bytes) {
    refuse_while_recording("a download");
    if (bytes != 0 && plugin_.download(context_, to_host, from, bytes) != TG_OK) fail("download");
}

void Backend::sync() {
    refuse_while_recording("waiting for results");
    if (plugin_.sync(context_) != TG_OK) fail("sync");
}

}  // namespace tapegrad
