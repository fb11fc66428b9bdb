#include "autograd/ops/functions.hpp"

#include <cmath>
#include <numbers>

#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/families.hpp"
#include "autograd/ops/infer.hpp"
#include "autograd/samples.hpp"

namespace tapegrad {

namespace {

// An elementwise function of one input; `derivative` sees the recorded call and is multiplied by the gradient.
OpDef function(const char* name, const char* formula, Tensor (*derivative)(const VjpCall&), Saves saves, double low,
               double high) {
    return {.name = name,
            .formula = formula,
            .inputs = {"x"},
            .infer = infer_same,
            .vjp = per_input({[derivative](const VjpCall& call) { return call.gradient() * derivative(call); }}),
            .saves = std::move(saves),
            .samples = [low, high](SampleSource& source) -> std::vector<Sample> {
                std::vector<Sample> samples;
                for (const Shape& shape : {Shape{}, Shape{0}, Shape{1}, Shape{7}, Shape{3, 1, 5}, Shape{61, 17}})
                    samples.push_back({{source.uniform(shape, low, high)}, {}});
                return samples;
            },
            .elementwise = true};
}

using Call = const VjpCall&;

}  // namespace

std::vector<OpDef> function_ops() {
    return {
        function(
            "exp", "e^x", [](Call c) { return c.output(); }, {.outputs = {0}}, -2, 2),
        function(
            "expm1", "e^x - 1", [](Call c) { return c.output() + 1.0; }, {.outputs = {0}}, -2, 2),
        function(
            "log", "ln x", [](Call c) { return 1.0 / c.input(0); }, {.inputs = {0}}, 0.5, 3),
        function(
            "log1p", "ln(1 + x)", [](Call c) { return 1.0 / (c.input(0) + 1.0); }, {.inputs = {0}}, -0.5, 2),
        function(
            "sqrt", "x^(1/2)", [](Call c) { return 0.5 / c.output(); }, {.outputs = {0}}, 0.5, 3),
        function(
            "tanh", "(e^x - e^-x) / (e^x + e^-x)", [](Call c) { return 1.0 - c.output() * c.output(); },
            {.outputs = {0}}, -2, 2),
        function(
            "erf", "2 / sqrt(pi) * integral of e^(-t^2) from 0 to x",
            [](Call c) { return exp(-(c.input(0) * c.input(0))) * (2 * std::numbers::inv_sqrtpi); }, {.inputs = {0}},
            -2, 2),
    };
}

Tensor exp(const Tensor& x) { return apply_one(op_named<"exp">(), {x}); }
Tensor expm1(const Tensor& x) { return apply_one(op_named<"expm1">(), {x}); }
Tensor log(const Tensor& x) { return apply_one(op_named<"log">(), {x}); }
Tensor log1p(const Tensor& x) { return apply_one(op_named<"log1p">(), {x}); }
Tensor sqrt(const Tensor& x) { return apply_one(op_named<"sqrt">(), {x}); }
Tensor tanh(const Tensor& x) { return apply_one(op_named<"tanh">(), {x}); }
Tensor erf(const Tensor& x) { return apply_one(op_named<"erf">(), {x}); }

}  // namespace tapegrad
