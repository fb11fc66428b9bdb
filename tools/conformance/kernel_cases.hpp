// The mandatory kernels one by one: what each computes, in words, and cases for it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tools/conformance/kernel_calls.hpp"

namespace tapegrad {

/// A mandatory kernel for whoever writes it, in the order in which they are best written.
struct KernelTopic {
    std::string name;
    std::string does;   ///< what to compute, in the words of the C header
    std::string takes;  ///< inputs, integers and reals
    std::function<Calls(DType dtype)> calls;
};
const std::vector<KernelTopic>& kernel_topics();

/// Judges the kernel in one dtype, beside the reference's in f64 (or i32).
void check_mandatory_kernel(const KernelTopic& topic, DType dtype, Judge& judge);

}  // namespace tapegrad
