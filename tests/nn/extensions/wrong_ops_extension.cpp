// Ops with one mistake each, for the tests of what judges ops.
#include <csignal>

#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/infer.hpp"
#include "autograd/samples.hpp"
#include "nn/extension.hpp"

namespace {

using namespace tapegrad;

OpDef cube(const char* name) {
    return {.name = name,
            .formula = "x * x * x",
            .inputs = {"x"},
            .shapes = "x [...] -> [...]",
            .infer = infer_same,
            .compose = [](auto in, const Attributes&) -> Tensors { return {in[0] * in[0] * in[0]}; },
            .samples = [](SampleSource& source) -> std::vector<Sample> {
                return {{{source.normal({7, 3})}, {}}};
            }};
}

}  // namespace

extern "C" void tapegrad_extend(tapegrad::Registries& registries) {
    OpDef wrong_gradient = cube("wrong_gradient");
    wrong_gradient.vjp = per_input({[](const VjpCall& call) { return call.gradient() * call.input(0) * 3.0; }});
    wrong_gradient.saves = {.inputs = {0}};
    registries.register_op(wrong_gradient);

    OpDef wrong_infer = cube("wrong_infer");
    wrong_infer.infer = [](const InferCall& call) -> TensorSpecs { return {call.spec(0)}; };
    registries.register_op(wrong_infer);

    OpDef wrong_crash = cube("wrong_crash");
    wrong_crash.compose = [](auto in, const Attributes&) -> Tensors {
        if (in[0].rank() != 2) std::raise(SIGSEGV);
        return {in[0] * in[0] * in[0]};
    };
    registries.register_op(wrong_crash);
}
