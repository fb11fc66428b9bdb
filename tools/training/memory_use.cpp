#include "tools/training/memory_use.hpp"

#include "tools/common/machine.hpp"

namespace tapegrad {
namespace {

constexpr int settling_epochs = 5;

MemoryUse memory_use(const Backend& backend, std::size_t kept) {
    return {static_cast<std::int64_t>(backend.bytes_in_use() - kept), resident_memory()};
}

}  // namespace

void MemoryGrowth::record(const Backend& backend, std::size_t kept) {
    if (++epochs_ == settling_epochs) settled_ = memory_use(backend, kept);
}

std::optional<MemoryUse> MemoryGrowth::growth(const Backend& backend, std::size_t kept) const {
    if (epochs_ <= settling_epochs) return std::nullopt;
    const MemoryUse now = memory_use(backend, kept);
    return MemoryUse{now.tensors - settled_->tensors, now.process - settled_->process};
}

}  // namespace tapegrad
