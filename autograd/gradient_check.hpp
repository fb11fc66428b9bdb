// Judges the gradient of any op from its own samples, by central differences in f64.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "autograd/op.hpp"
#include "autograd/samples.hpp"

namespace tapegrad {

/// How far the gradients of one sample are from central differences, relative to the sum of the absolute values that
/// add up to the directional derivative (at least 1e-4).
struct GradientError {
    std::size_t sample;
    std::string inputs;  ///< and attributes, as `describe_call` writes them
    double first_order;
    double second_order;
    /// 1e-6; 1e-3 where an output has only f32's digits.
    double tolerance;

    bool passes() const { return first_order <= tolerance && second_order <= tolerance; }
};

/// Checks one sample of an op: the gradient of a randomly weighted sum of its outputs along a random direction of all
/// inputs (first order), and the gradient of that gradient, with respect to inputs and weights (second order). Both are
/// drawn from `source`, which has to be one in f64, like the sample. Nothing for a sample without float outputs. Throws
/// what the op or its vjp throws.
std::optional<GradientError> check_gradient(const OpDef& op, const Sample& sample, std::size_t number,
                                            SampleSource& source);

/// Checks all samples of an op; those without float outputs have no gradient and are left out.
std::vector<GradientError> check_gradients(const OpDef& op, const BackendPtr& backend, std::uint64_t seed = 1);

}  // namespace tapegrad
