// Every op on the simd backend against the same op on `reference`, computed in f64 from the same values.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "autograd/gradient_check.hpp"
#include "tests/backends/simd_fixture.hpp"

namespace tapegrad::testing {
namespace {

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
        cotangents.push_back(moved(source.uniform(outputs[k].shape(), -1, 1), inputs[0].backend(), outputs[k].dtype()));
    }
    return reached.empty() || wanted.empty() ? std::vector<Tensor>() : tape.pull_back(reached, cotangents, wanted);
}

BOOST_AUTO_TEST_SUITE(backends_simd_ops)

BOOST_AUTO_TEST_CASE(every_op_computes_what_the_reference_computes) {
    for (const OpDef& op : all_ops())
        for (const DType dtype : float_types)
            for (const Sample& sample : samples_of(op, dtype)) check_op(op, sample.inputs, sample.attributes, dtype);
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
            BOOST_TEST(error.passes(),
                       op.name << " of " << error.inputs << ": " << error.first_order << ", " << error.second_order);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
