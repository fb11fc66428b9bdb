#include "tools/training/rehearsal.hpp"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>

#include "autograd/errors.hpp"
#include "tools/common/machine.hpp"
#include "tools/training/model.hpp"
#include "tools/training/trainer.hpp"

namespace tapegrad {
namespace {

// In front of each piece of memory, which nobody touches: how long the piece is.
constexpr std::size_t page = 4096;

void* reserve_addresses(tg_context*, std::size_t bytes) {
    const std::size_t all = bytes + page;
    void* const memory = mmap(nullptr, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return nullptr;
    std::memcpy(memory, &all, sizeof all);
    return static_cast<std::byte*>(memory) + page;
}

void give_addresses_back(tg_context*, void* memory) {
    void* const begin = static_cast<std::byte*>(memory) - page;
    std::size_t all = 0;
    std::memcpy(&all, begin, sizeof all);
    munmap(begin, all);
}

// The plugin with its kernels, none of which is run, and nothing else.
tg_backend without_computing(tg_backend plugin) {
    plugin.open = [](int, tg_context** context) {
        *context = nullptr;
        return int{TG_OK};
    };
    plugin.close = [](tg_context*) {};
    plugin.alloc = reserve_addresses;
    plugin.free = give_addresses_back;
    plugin.upload = [](tg_context*, void*, const void*, std::size_t) { return int{TG_OK}; };
    plugin.download = [](tg_context*, void* to_host, const void*, std::size_t bytes) {
        std::memset(to_host, 0, bytes);
        return int{TG_OK};
    };
    plugin.sync = [](tg_context*) { return int{TG_OK}; };
    plugin.last_error = [](tg_context*) { return "there are no more addresses"; };
    plugin.describe = [](tg_context*) { return "nothing"; };
    plugin.begin_download = nullptr;
    plugin.finish_download = nullptr;
    if (plugin.begin_capture == nullptr) return plugin;
    plugin.begin_capture = [](tg_context*) { return int{TG_OK}; };
    plugin.end_capture = [](tg_context*, tg_graph** graph) {
        if (graph != nullptr) *graph = nullptr;
        return int{TG_OK};
    };
    plugin.replay = [](tg_context*, tg_graph*) { return int{TG_OK}; };
    plugin.free_graph = [](tg_context*, tg_graph*) {};
    plugin.graph_size = [](tg_context*, tg_graph*) { return std::int64_t{0}; };
    return plugin;
}

struct NoKernels : KernelWatch {
    bool computes() const override { return false; }
    int run(const KernelId&, tg_kernel, tg_context*, tg_call&) override { return TG_OK; }
};

}  // namespace

std::size_t rehearsed_peak(const nlohmann::json& config, const Dataset& dataset, const Backend& backend,
                           std::size_t limit) {
    const tg_backend plugin = without_computing(backend.plugin());
    NoKernels no_kernels;
    const BackendPtr rehearsal = Backend::open(plugin, backend.threads(), &no_kernels);
    rehearsal->set_memory_limit(limit);
    const GraphData data = prepare_graph_data(dataset, config.at("dataset"), rehearsal);
    const std::shared_ptr<Sequential> model =
        build_model(config.at("model"), {data.feature_count, data.classes}, rehearsal, config.at("seed"));
    const std::unique_ptr<Optimizer> optimizer = build_optimizer(config.at("optimizer"), config.at("model"), *model);
    TrainingOptions options = training_options(config.at("training"), config.at("seed"));
    options.epochs = std::min(options.epochs, 4);  // enough for all that stays, and for what is recorded
    Trainer trainer(*model, *optimizer, data, options);
    TrainerState saved = trainer.state();
    while (!trainer.done()) {
        trainer.run_epoch();
        TrainerState now = trainer.state();  // beside the last one, until it is written
        saved = std::move(now);
    }
    trainer.finish();
    return rehearsal->peak_bytes();
}

void check_memory(const nlohmann::json& config, const Dataset& dataset, const Backend& backend, std::size_t budget) {
    const auto text = [](std::size_t bytes) { return bytes_text(static_cast<std::int64_t>(bytes)); };
    const auto refuse = [&](const std::string& needed) {
        throw BackendError("memory",
                           fmt::format("training whose tensors take {} ({} bytes) at most", text(budget), budget),
                           fmt::format("a model and graph that take {}", needed),
                           "Allow more with --memory, which counts tensors alone, or train a smaller model");
    };
    // Far beyond the budget nobody needs to know by how much.
    const std::size_t limit = std::max(std::size_t{256} << 20, budget + 7 * std::min(budget, std::size_t{1} << 50));
    std::size_t needed = 0;
    try {
        needed = rehearsed_peak(config, dataset, backend, limit);
    } catch (const MemoryLimitError&) {
        refuse("more than " + text(limit));
    }
    if (needed > budget) refuse(fmt::format("about {} ({} bytes)", text(needed), needed));
}

}  // namespace tapegrad
