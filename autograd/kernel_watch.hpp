// What may stand between the engine and the kernels of one backend: tests and tools that judge a plugin.
#pragma once

#include <cstddef>

#include "autograd/shape.hpp"
#include "backends/backend_abi.h"

namespace tapegrad {

class KernelId;

/// Sees every kernel call of the backend that was opened with it, in place of the kernel.
class KernelWatch {
public:
    virtual ~KernelWatch() = default;

    /// Bytes that every piece of memory gets before and behind its own, a multiple of 64.
    virtual std::size_t guard_bytes() const { return 0; }
    /// May the engine use this kernel? An op without one is composed.
    virtual bool offers(const KernelId&, DType) { return true; }
    /// False if no kernel is run, so that nobody reads what is uploaded and it need not be made.
    virtual bool computes() const { return true; }
    /// Runs `kernel`; what it returns takes the place of what the kernel returned.
    virtual int run(const KernelId& id, tg_kernel kernel, tg_context* context, tg_call& call) = 0;
};

}  // namespace tapegrad
