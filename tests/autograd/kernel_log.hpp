// Opens a backend that runs no kernel, and writes down which were called, and with what.
#pragma once

#include <string>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "autograd/backend.hpp"
#include "tests/autograd/wrapped_plugin.hpp"

namespace tapegrad::testing {

class KernelLog {
public:
    KernelLog() = default;
    KernelLog(const KernelLog&) = delete;
    KernelLog& operator=(const KernelLog&) = delete;

    /// Where tensors have to lie for their kernels to be seen; what they hold is not defined.
    const BackendPtr& backend() const { return backend_; }

    /// The calls since the last time, each as "name [shape of the first output]", or "strided_copy (integers)".
    std::string take() { return std::exchange(watch_.calls, {}); }

private:
    struct Watch : KernelWatch {
        std::string calls;

        int run(const KernelId& id, tg_kernel, tg_context*, tg_call& call) override {
            if (!calls.empty()) calls += ", ";
            const tg_array& output = call.outputs[0];
            calls += id.name() == "strided_copy"
                         ? fmt::format("strided_copy ({})",
                                       fmt::join(call.integers, call.integers + call.integer_count, " "))
                         : fmt::format("{} [{}]", id.name(), fmt::join(output.shape, output.shape + output.rank, ", "));
            return TG_OK;
        }
    };

    Watch watch_;
    BackendPtr backend_ = Backend::open(WrappedPlugin::original(), 1, &watch_);
};

}  // namespace tapegrad::testing
