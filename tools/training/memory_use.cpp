#include "tools/training/memory_use.hpp"

#include "autograd/memory.hpp"
#include "tools/common/machine.hpp"

namespace tapegrad {
namespace {

constexpr int settling_epochs = 5;

std::size_t bytes_of(const TrainerState& state) {
    std::size_t bytes = 0;
    for (const auto* tensors : {&state.parameters, &state.averages, &state.stopping.kept, &state.best.weights})
        for (const auto& [name, tensor] : *tensors) bytes += block_size(tensor.bytes());
    return bytes;
}

MemoryUse memory_use(const Backend& backend, const TrainerState& kept) {
    return {static_cast<std::int64_t>(backend.bytes_in_use() - bytes_of(kept)), resident_memory()};
}

}  // namespace

void MemoryGrowth::look(const Backend& backend, const TrainerState& kept) {
    if (++epochs_ == settling_epochs) settled_ = memory_use(backend, kept);
}

std::optional<MemoryUse> MemoryGrowth::growth(const Backend& backend, const TrainerState& kept) const {
    if (epochs_ <= settling_epochs) return std::nullopt;
    const MemoryUse now = memory_use(backend, kept);
    return MemoryUse{now.tensors - settled_->tensors, now.process - settled_->process};
}

}  // namespace tapegrad
