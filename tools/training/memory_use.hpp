// What a run has of the memory, and whether that grows from epoch to epoch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "autograd/backend.hpp"

namespace tapegrad {

struct MemoryUse {
    std::int64_t tensors;  ///< bytes of the backend's blocks in use
    std::int64_t process;  ///< bytes that the process holds, 0 where the system does not say
};

/// Compares the memory after the last epoch with that after the first ones, when all is made that stays. Of the
/// tensors, `kept` bytes do not count: copies for a checkpoint, which grow once, when there are best weights.
class MemoryGrowth {
public:
    /// After each epoch.
    void record(const Backend& backend, std::size_t kept);
    /// Of training that is over; none if it had too few epochs.
    std::optional<MemoryUse> growth(const Backend& backend, std::size_t kept) const;

private:
    int epochs_ = 0;
    std::optional<MemoryUse> settled_;
};

}  // namespace tapegrad
