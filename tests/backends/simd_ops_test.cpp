// Every op on the simd backend against the same op on `reference`, computed in f64 from the same values.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "autograd/gradient_check.hpp"
#include "autograd/ops.hpp"
#include "autograd/samples.hpp"
#include "tests/autograd/approximately.hpp"

namespace tapegrad::testing {
namespace {

const BackendPtr& simd() {
    static const BackendPtr backend = open_backend("simd", 2);
    return backend;
}

/// Half a unit in the last place of 1.
double rounding(DType dtype) { return dtype == DType::f32 ? std::ldexp(1, -24) : std::ldexp(1, -53); }

double largest_finite(const std::vector<double>& values) {
    double largest = 1;
    for (const double value : values)
        if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
    return largest;
}

/// What rounding may do: an op of these samples is at most some 16 operations in a row, each right to 4 roundings, and
/// sums of at most as many terms as an input has elements along one axis (or in all, for sums over everything: a
/// sample has at most 5,000). An error is relative to the largest number that is met on the way. Sums of n terms in blocks
/// err by far less than n roundings; the square root of n stands for a sum whose roundings are independent.
double allowed_error(const Tensors& inputs, const std::vector<double>& wanted, DType dtype) {
    double largest = largest_finite(wanted), terms = 1;
    for (const Tensor& input : inputs) {
        if (input.dtype() == DType::i32) continue;
        largest = std::max(largest, largest_finite(input.values<double>()));
        terms = std::max(terms, static_cast<double>(input.size()));
    }
    return rounding(dtype) * (64 + std::sqrt(terms)) * largest;
}

/// The same elements on another backend, in another float dtype.
Tensor moved(const Tensor& x, const BackendPtr& backend, DType dtype) {
    if (x.dtype() == DType::i32)
        return from_values(backend, x.shape(), std::span<const std::int32_t>(x.values<std::int32_t>()));
    return from_values(backend, x.shape(), x.values<double>(), dtype);
}

Tensors moved(const Tensors& all, const BackendPtr& backend, DType dtype) {
    Tensors result;
    for (const Tensor& x : all) result.push_back(moved(x, backend, dtype));
    return result;
}

Tensors run(const OpDef& op, const Tensors& inputs, const Attributes& attributes) {
    if (op.overwrites.empty()) return apply(op, inputs, attributes);
    apply_update(op, inputs, attributes);
    Tensors targets;
    for (const std::size_t index : op.overwrites) targets.push_back(inputs[index]);
    return targets;
}

void compare(const Tensor& got, const Tensor& wanted, const Tensors& inputs, DType dtype, const std::string& what) {
    const std::vector<double> values = wanted.values<double>();
    const double allowed = wanted.dtype() == DType::i32 ? 0 : allowed_error(inputs, values, dtype);
    BOOST_TEST(approximately(got, wanted.shape(), values, allowed / largest_finite(values)), what);
}

std::vector<Sample> samples_of(const OpDef& op, DType dtype) {
    SampleSource source(simd(), dtype, 7);
    return op.samples(source);
}

bool is_differentiable(const OpDef& op) { return op.non_differentiable.empty() && op.overwrites.empty(); }

/// Gradients of random cotangents with respect to all float inputs that have one.
std::vector<Tensor> gradients(const OpDef& op, const Tensors& inputs, const Attributes& attributes) {
    Tape tape;
    std::vector<Tensor> wanted, reached, cotangents;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (inputs[i].dtype() == DType::i32 || std::ranges::count(op.constant_inputs, i) != 0) continue;
        tape.watch(inputs[i]);
        wanted.push_back(inputs[i]);
    }
    const Tensors outputs = apply(op, inputs, attributes);
    SampleSource source(reference(), DType::f32, 11);  // f32, so that both sides get the same values
    for (std::size_t k = 0; k < outputs.size() - op.auxiliary_outputs; ++k) {
        if (outputs[k].dtype() == DType::i32) continue;
        reached.push_back(outputs[k]);
        cotangents.push_back(
            moved(source.uniform(outputs[k].shape(), -1, 1), inputs[0].backend(), outputs[k].dtype()));
    }
    return reached.empty() || wanted.empty() ? std::vector<Tensor>() : tape.pull_back(reached, cotangents, wanted);
}

BOOST_AUTO_TEST_SUITE(backends_simd_ops)

BOOST_AUTO_TEST_CASE(every_op_computes_what_the_reference_computes) {
    for (const OpDef& op : all_ops())
        for (const DType dtype : float_types)
            for (const Sample& sample : samples_of(op, dtype)) {
                const Tensors inputs = moved(sample.inputs, reference(), DType::f64);
                const Tensors wanted = run(op, inputs, sample.attributes);
                const Tensors before = moved(sample.inputs, reference(), DType::f64);
                const Tensors got = run(op, sample.inputs, sample.attributes);
                BOOST_TEST_REQUIRE(got.size() == wanted.size());
                for (std::size_t k = 0; k < got.size(); ++k)
                    compare(got[k], wanted[k], before, dtype, op.name + " " + to_string(wanted[k].shape()));
            }
}

BOOST_AUTO_TEST_CASE(every_gradient_is_that_of_the_reference) {
    for (const OpDef& op : all_ops()) {
        if (!is_differentiable(op)) continue;
        for (const DType dtype : float_types)
            for (const Sample& sample : samples_of(op, dtype)) {
                const Tensors inputs = moved(sample.inputs, reference(), DType::f64);
                const std::vector<Tensor> wanted = gradients(op, inputs, sample.attributes);
                const std::vector<Tensor> got = gradients(op, sample.inputs, sample.attributes);
                BOOST_TEST_REQUIRE(got.size() == wanted.size());
                for (std::size_t k = 0; k < got.size(); ++k)
                    compare(got[k], wanted[k], inputs, dtype,
                            "gradient of " + op.name + " " + to_string(wanted[k].shape()));
            }
    }
}

BOOST_AUTO_TEST_CASE(every_gradient_is_that_of_central_differences) {
    for (const OpDef& op : all_ops()) {
        if (!is_differentiable(op)) continue;
        for (const GradientError& error : check_gradients(op, simd()))
            BOOST_TEST(error.passes(), op.name << " of " << error.inputs << ": " << error.first_order << ", "
                                               << error.second_order);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
