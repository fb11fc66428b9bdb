#include "autograd/ops/optimizer_ops.hpp"

#include "autograd/errors.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/families.hpp"
#include "autograd/ops/functions.hpp"
#include "autograd/ops/infer.hpp"
#include "autograd/samples.hpp"

namespace tapegrad {

namespace {

constexpr const char* update_reason = "an update: it overwrites its tensors and stands on no tape";

// The first `arrays` inputs have one shape, the rest are scalars; the outputs are new values of the overwritten ones.
Infer infer_update(std::size_t arrays, std::size_t overwritten) {
    return [=](const InferCall& call) {
        common_float(call, 0, call.inputs.size() - 1);
        for (std::size_t i = 1; i < call.inputs.size(); ++i)
            if (call.shape(i) != (i < arrays ? call.shape(0) : Shape{}))
                throw ShapeError(call.op,
                                 i < arrays ? "the parameter's shape " + to_string(call.shape(0)) : "one element, []",
                                 to_string(call.shape(i)), "check the optimizer's state");
        return TensorSpecs(overwritten, call.spec(0));
    };
}

// grad + weight_decay * w, without the product where there is no decay.
Tensor with_decay(const Tensor& grad, const Tensor& w, double weight_decay) {
    return weight_decay == 0 ? grad : grad + w * weight_decay;
}

Tensors compose_sgd(std::span<const Tensor> in, const Attributes& a) {
    const Tensor &w = in[0], &velocity = in[1], &grad = in[2], &learning_rate = in[3];
    const Tensor moved = velocity * a.real("momentum") + with_decay(grad, w, a.real("weight_decay"));
    return {w - learning_rate * moved, moved};
}

Tensors compose_adam(std::span<const Tensor> in, const Attributes& a) {
    const Tensor &w = in[0], &m = in[1], &v = in[2], &learning_rate = in[4];
    const double beta1 = a.real("beta1"), beta2 = a.real("beta2"), weight_decay = a.real("weight_decay");
    const bool decoupled = a.integer("decoupled") != 0;
    const Tensor g = with_decay(in[3], w, decoupled ? 0 : weight_decay);
    const Tensor first = m * beta1 + g * (1 - beta1);
    const Tensor second = v * beta2 + g * g * (1 - beta2);
    const Tensor direction = first * in[5] / (sqrt(second * in[6]) + a.real("epsilon"));
    return {w - learning_rate * with_decay(direction, w, decoupled ? weight_decay : 0), first, second};
}

std::vector<Sample> sgd_samples(SampleSource& s) {
    std::vector<Sample> samples;
    for (const Shape& shape : {Shape{}, Shape{0}, Shape{7, 5}, Shape{211}, Shape{20011}})
        for (const double momentum : {0.0, 0.9})
            samples.push_back({{s.normal(shape), s.normal(shape), s.normal(shape), s.constant({}, 0.1)},
                               {{"momentum", momentum}, {"weight_decay", momentum / 10}}});
    return samples;
}

std::vector<Sample> adam_samples(SampleSource& s) {
    std::vector<Sample> samples;
    for (const Shape& shape : {Shape{}, Shape{0}, Shape{7, 5}, Shape{211}, Shape{20011}})
        for (const std::int64_t decoupled : {0, 1})
            samples.push_back({{s.normal(shape), s.normal(shape), s.uniform(shape, 0, 1), s.normal(shape),
                                s.constant({}, 0.01), s.constant({}, 10.0), s.constant({}, 1000.0)},
                               {{"beta1", 0.9},
                                {"beta2", 0.999},
                                {"epsilon", 1e-8},
                                {"weight_decay", 0.01},
                                {"decoupled", decoupled}}});
    return samples;
}

}  // namespace

std::vector<OpDef> optimizer_ops() {
    return {
        {.name = "sgd_step",
         .formula = "velocity = momentum * velocity + grad + weight_decay * w; w -= learning_rate * velocity",
         .inputs = {"w", "velocity", "grad", "learning_rate"},
         .attributes = {{"momentum", 0.0}, {"weight_decay", 0.0}},
         .shapes = "w [...], velocity [...], grad [...], learning_rate [] -> w [...], velocity [...]",
         .infer = infer_update(3, 2),
         .compose = compose_sgd,
         .samples = sgd_samples,
         .non_differentiable = update_reason,
         .overwrites = {0, 1}},
        {.name = "adam_step",
         .formula = "m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; w -= learning_rate * m' / (sqrt(v') + "
                    "epsilon)",
         .source = "Kingma and Ba, Adam, ICLR 2015, algorithm 1; Loshchilov and Hutter, AdamW, ICLR 2019, algorithm 2",
         .inputs = {"w", "m", "v", "grad", "learning_rate", "first_correction", "second_correction"},
         .attributes = {{"beta1", 0.9},
                        {"beta2", 0.999},
                        {"epsilon", 1e-8},
                        {"weight_decay", 0.0},
                        {"decoupled", std::int64_t{0}}},
         .shapes = "w [...], m [...], v [...], grad [...], learning_rate [], first_correction [], "
                   "second_correction [] -> w [...], m [...], v [...]",
         .infer = infer_update(4, 3),
         .compose = compose_adam,
         .samples = adam_samples,
         .non_differentiable = update_reason,
         .overwrites = {0, 1, 2}},
    };
}

void sgd_step(const Tensor& w, const Tensor& velocity, const Tensor& grad, const Tensor& learning_rate, double momentum,
              double weight_decay) {
    const Tensor inputs[] = {w, velocity, grad, learning_rate};
    apply_update(op_named<"sgd_step">(), inputs, {{"momentum", momentum}, {"weight_decay", weight_decay}});
}

void adam_step(const Tensor& w, const Tensor& m, const Tensor& v, const Tensor& grad, const Tensor& learning_rate,
               const Tensor& first_correction, const Tensor& second_correction, const AdamAttributes& attributes) {
    const Tensor inputs[] = {w, m, v, grad, learning_rate, first_correction, second_correction};
    apply_update(op_named<"adam_step">(), inputs,
                 {{"beta1", attributes.beta1},
                  {"beta2", attributes.beta2},
                  {"epsilon", attributes.epsilon},
                  {"weight_decay", attributes.weight_decay},
                  {"decoupled", std::int64_t{attributes.decoupled}}});
}

}  // namespace tapegrad
