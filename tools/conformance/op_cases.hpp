// Cases for the kernels of a plugin out of the definition of an op.
#pragma once

#include <string>
#include <vector>

#include "autograd/op.hpp"
#include "tools/conformance/judge.hpp"

namespace tapegrad {

/// The inputs and attributes of one call, on the host.
struct HostSample {
    HostTensors inputs;
    Attributes attributes;

    /// "[2, 3], i32 [7]; axis=1".
    std::string text() const;
};

/// The samples of an op in a float dtype, made on `backend`.
std::vector<HostSample> host_samples(const OpDef& op, const BackendPtr& backend, DType dtype);

/// All outputs of the op, or the tensors that an update op overwrote; for an op with a gradient, then the gradients of
/// random cotangents with respect to all float inputs that have one.
std::vector<Tensor> results_of(const OpDef& op, const HostSample& sample, const BackendPtr& backend, DType dtype,
                               bool with_gradients);

/// Judges an op in f32 and f64: every sample, forward and gradient; the samples again with whole numbers, where sums
/// are exact in any order and so are judged to the last bit; the samples with an infinity, a NaN, a denormal or a huge
/// number among them; for an elementwise op, sizes that do not fill vectors, long arrays, and all pairs of numbers at
/// the ends of the range.
void check_op_kernels(const OpDef& op, Judge& judge);

}  // namespace tapegrad
