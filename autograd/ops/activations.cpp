#include "autograd/ops/activations.hpp"

#include <fmt/format.h>

#include "autograd/errors.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/families.hpp"
#include "autograd/ops/functions.hpp"
#include "autograd/ops/infer.hpp"
#include "autograd/samples.hpp"

namespace tapegrad {

namespace {

using Call = const VjpCall&;

// Inputs on both sides of the kink at 0, with each of the given attributes.
Samples around_zero(std::vector<Attributes> attributes) {
    return [attributes = std::move(attributes)](SampleSource& source) {
        std::vector<Sample> samples;
        for (const Attributes& a : attributes)
            for (const Shape& shape : {Shape{}, Shape{0}, Shape{7}, Shape{3, 5}, Shape{61, 17}})
                samples.push_back({{source.normal_away_from(shape, {0})}, a});
        return samples;
    };
}

Tensor positive(const Tensor& x) { return greater(x, scalar_like(x, 0)); }

// For both directions of elu. With alpha < 0 the output would not tell on which side of 0 the input was.
TensorSpecs infer_elu(const InferCall& call) {
    if (!(call.attributes.real("alpha") >= 0))
        throw ShapeError(call.op, "alpha >= 0", fmt::format("{}", call.attributes.real("alpha")), "check alpha");
    return infer_broadcast(call);
}

Tensor elu_gradient(const Tensor& g, const Tensor& y, double alpha) {
    return apply_one(op_named<"elu_gradient">(), {g, y}, {{"alpha", alpha}});
}

std::vector<Sample> elu_gradient_samples(SampleSource& source) {
    std::vector<Sample> samples;
    for (const double alpha : {1.0, 0.5})
        for (const Shape& shape : {Shape{}, Shape{0}, Shape{7}, Shape{61, 17}})
            samples.push_back({{source.normal(shape), source.normal_away_from(shape, {0})}, {{"alpha", alpha}}});
    return samples;
}

}  // namespace

std::vector<OpDef> activation_ops() {
    return {
        {.name = "sigmoid",
         .formula = "1 / (1 + e^-x)",
         .inputs = {"x"},
         .infer = infer_same,
         // Where e^-x overflows, 1 / inf is the 0 that is wanted; elsewhere every digit is right.
         .compose = [](auto in, const Attributes&) -> Tensors { return {1.0 / (exp(-in[0]) + 1.0)}; },
         .vjp = per_input({[](Call c) { return c.gradient() * c.output() * (1.0 - c.output()); }}),
         .saves = {.outputs = {0}},
         .samples = around_zero({{}}),
         .elementwise = true},
        {.name = "relu",
         .formula = "max(x, 0)",
         .inputs = {"x"},
         .infer = infer_same,
         .compose = [](auto in, const Attributes&) -> Tensors { return {maximum(in[0], scalar_like(in[0], 0))}; },
         .vjp = per_input({[](Call c) { return c.gradient() * positive(c.output()); }}),
         .saves = {.outputs = {0}},
         .samples = around_zero({{}}),
         .elementwise = true},
        {.name = "leaky_relu",
         .formula = "x where x > 0, else negative_slope * x",
         .inputs = {"x"},
         .attributes = {{"negative_slope", 0.01}},
         .infer = infer_same,
         .compose = [](auto in, const Attributes& a) -> Tensors {
             return {where(positive(in[0]), in[0], in[0] * a.real("negative_slope"))};
         },
         .vjp = per_input({[](Call c) {
             const Tensor g = c.gradient();
             return where(positive(c.input(0)), g, g * c.attributes.real("negative_slope"));
         }}),
         .saves = {.inputs = {0}},
         .samples = around_zero({{{"negative_slope", 0.2}}, {{"negative_slope", 0.0}}, {{"negative_slope", -1.5}}}),
         .elementwise = true},
        {.name = "elu",
         .formula = "x where x > 0, else alpha * (e^x - 1)",
         .source = "Clevert et al., Fast and Accurate Deep Network Learning by Exponential Linear Units, ICLR 2016",
         .inputs = {"x"},
         .attributes = {{"alpha", 1.0}},
         .infer = infer_elu,
         .compose = [](auto in, const Attributes& a) -> Tensors {
             return {where(positive(in[0]), in[0], expm1(in[0]) * a.real("alpha"))};
         },
         .vjp = per_input({[](Call c) { return elu_gradient(c.gradient(), c.output(), c.attributes.real("alpha")); }}),
         .saves = {.outputs = {0}},
         .samples = around_zero({{{"alpha", 1.0}}, {{"alpha", 0.5}}}),
         .elementwise = true},
        {.name = "elu_gradient",
         .formula = "g where y > 0, else g * (y + alpha), with y = elu(x)",
         .inputs = {"g", "y"},
         .attributes = {{"alpha", 1.0}},
         .infer = infer_elu,
         // y > 0 exactly where x > 0, and alpha * e^x = y + alpha elsewhere.
         .compose = [](auto in, const Attributes& a) -> Tensors {
             return {where(positive(in[1]), in[0], in[0] * (in[1] + a.real("alpha")))};
         },
         .samples = elu_gradient_samples,
         .elementwise = true},
    };
}

Tensor sigmoid(const Tensor& x) { return apply_one(op_named<"sigmoid">(), {x}); }
Tensor relu(const Tensor& x) { return apply_one(op_named<"relu">(), {x}); }

Tensor leaky_relu(const Tensor& x, double negative_slope) {
    return apply_one(op_named<"leaky_relu">(), {x}, {{"negative_slope", negative_slope}});
}

Tensor elu(const Tensor& x, double alpha) { return apply_one(op_named<"elu">(), {x}, {{"alpha", alpha}}); }

}  // namespace tapegrad
