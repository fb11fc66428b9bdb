// The op swish as a library for --load: one definition, and a kernel for one backend.
#include <cmath>

#include "autograd/ops/activations.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/infer.hpp"
#include "autograd/samples.hpp"
#include "nn/extension.hpp"

using namespace tapegrad;

namespace {

// An op needs no kernel: `compose` runs on every backend, in every dtype, that has none.
int swish_f32(tg_context*, tg_call* call) {
    const auto* const x = static_cast<const float*>(call->inputs[0].data);
    auto* const y = static_cast<float*>(call->outputs[0].data);
    const double beta = call->reals[0];
    for (std::int64_t i = 0; i < call->outputs[0].size; ++i)
        y[i] = static_cast<float>(x[i] / (1 + std::exp(-beta * x[i])));
    return TG_OK;
}

}  // namespace

extern "C" void tapegrad_extend(Registries& registries) {
    registries.register_op({
        .name = "swish",
        .formula = "x * sigmoid(beta * x)",
        .source = "Ramachandran et al., Searching for Activation Functions, 2017",
        .inputs = {"x"},
        .attributes = {{"beta", 1.0}},
        .infer = infer_same,
        .compose = [](auto in, const Attributes& a) -> Tensors { return {in[0] * sigmoid(in[0] * a.real("beta"))}; },
        .vjp = per_input({[](const VjpCall& call) {
            const Tensor scaled = call.input(0) * call.attributes.real("beta"), s = sigmoid(scaled);
            return call.gradient() * s * (1.0 + scaled * (1.0 - s));
        }}),
        .saves = {.inputs = {0}},
        .samples = [](SampleSource& source) -> std::vector<Sample> {
            return {{{source.normal({})}, {{"beta", 1.0}}}, {{source.normal({61, 17})}, {{"beta", -2.5}}}};
        },
        .elementwise = true,
    });
    registries.register_kernel("reference", "swish", DType::f32, swish_f32);
}
