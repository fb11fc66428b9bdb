// The mandatory kernels one by one: what each computes, in words, and cases for it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tools/conformance/judge.hpp"

namespace tapegrad {

/// One call of a kernel as the C header describes it. Float inputs are made in the dtype that is judged; an output
/// holds `before` until the kernel writes it.
struct KernelCall {
    HostTensors inputs;
    HostTensor output;
    std::vector<std::int64_t> integers{};
    std::vector<double> reals{};
};

/// A mandatory kernel for whoever writes it, in the order in which they are best written.
struct KernelTopic {
    std::string name;
    std::string does;   ///< what to compute, in the words of the C header
    std::string takes;  ///< inputs, integers and reals
    std::function<std::vector<KernelCall>(DType dtype)> calls;
};
const std::vector<KernelTopic>& kernel_topics();

/// Judges the kernel in one dtype, beside the reference's in f64 (or i32).
void check_mandatory_kernel(const KernelTopic& topic, DType dtype, Judge& judge);

}  // namespace tapegrad
