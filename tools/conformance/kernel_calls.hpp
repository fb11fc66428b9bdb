// Calls to try each mandatory kernel with.
#pragma once

#include <cstdint>
#include <functional>
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
    bool in_place = false;  ///< the output is the first input
};

using Calls = std::vector<KernelCall>;

// For a kernel whose output has the dtype. Sizes 0, 1, around the lengths of vectors, and long enough to be cut up;
// whole numbers, whose sums are exact, and fractions; NaN and infinities.
Calls fill_calls(DType dtype);
Calls cast_calls(DType dtype);
Calls strided_copy_calls(DType dtype);
Calls two_operand_calls(DType dtype);
Calls add_calls(DType dtype);
Calls where_calls(DType dtype);
/// Of a function, on [low, high] and where it ends.
std::function<Calls(DType)> function_calls(double low, double high);
/// Of x[outer, reduced, inner]; with nothing to reduce, with NaN and infinities.
Calls reduce_calls(bool of_empty, bool with_nan);
Calls matmul_calls(DType dtype);
Calls gather_calls(DType dtype);
Calls scatter_calls(DType dtype);
Calls random_mask_calls(DType dtype);
Calls masked_scale_calls(DType dtype);

}  // namespace tapegrad
