// How long the ops of the registry take on their own samples.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "autograd/op.hpp"

namespace tapegrad {

/// Median times in seconds of one op on one sample; the gradient is forward and backward together.
struct SampleTimes {
    std::string op;
    std::string inputs;  ///< "f32 [7, 5], i32 [7]"
    bool native;         ///< runs by a kernel rather than by its composition
    std::int64_t bytes;  ///< of all inputs and outputs: what forward reads and writes at least
    double forward;
    std::optional<double> gradient;
    std::optional<double> composed_forward, composed_gradient;  ///< of ops that have a composition
};

/// Times the smallest sample that is not empty, and the largest, each figure for about `seconds`.
std::vector<SampleTimes> time_samples(const OpDef& op, const BackendPtr& backend, double seconds);

}  // namespace tapegrad
