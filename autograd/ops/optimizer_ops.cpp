#include "autograd/ops/optimizer_ops.hpp"

#include <array>
#include <limits>
#include <vector>

#include <fmt/format.h>

#include "autograd/errors.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/families.hpp"
#include "autograd/ops/functions.hpp"
#include "autograd/ops/infer.hpp"
#include "autograd/ops/shape_ops.hpp"
#include "autograd/samples.hpp"

namespace tapegrad {

namespace {

constexpr const char* update_reason = "an update: it overwrites its tensors and stands on no tape";

// How many parameters a call updates: there is a tensor of each role for every parameter, then the numbers of the step
// and its guard.
std::size_t parameter_count(std::span<const Tensor> in, std::size_t roles) { return (in.size() - 2) / roles; }

// Of `roles` tensors of each parameter, the first `updated` are overwritten; `numbers` is the shape of the last input
// but one.
Infer infer_update(std::size_t roles, std::size_t updated, const Shape& numbers) {
    return [=](const InferCall& call) {
        const std::size_t arrays = call.inputs.size() < 2 ? 0 : call.inputs.size() - 2, count = arrays / roles;
        if (arrays != roles * count || count == 0)
            throw TypeError(call.op, fmt::format("{} tensors for each parameter, one with numbers and a guard", roles),
                            fmt::format("{} inputs", call.inputs.size()), "pass each of them");
        common_float(call, 0, arrays + 1);
        for (std::size_t i = 0; i < arrays; ++i)
            if (call.shape(i) != call.shape(i % count))
                throw ShapeError(call.op, "the parameter's shape " + to_string(call.shape(i % count)),
                                 to_string(call.shape(i)), "check the optimizer's state");
        if (call.shape(arrays) != numbers)
            throw ShapeError(call.op, "the numbers of a step in the shape " + to_string(numbers),
                             to_string(call.shape(arrays)), "check the optimizer's state");
        if (!call.shape(arrays + 1).empty())
            throw ShapeError(call.op, "a guard with the shape []", to_string(call.shape(arrays + 1)), "pass the loss");
        TensorSpecs specs;
        for (std::size_t i = 0; i < updated * count; ++i) specs.push_back(call.spec(i));
        return specs;
    };
}

// Inputs in the order of an op: the first role of all parameters, the second role of all, and so on; then the numbers
// and the guard.
template <std::size_t roles>
Tensors in_order(std::span<const std::array<Tensor, roles>> parameters, const Tensor& numbers, const Tensor& guard) {
    Tensors inputs;
    for (std::size_t role = 0; role < roles; ++role)
        for (const auto& parameter : parameters) inputs.push_back(parameter[role]);
    inputs.push_back(numbers);
    inputs.push_back(guard);
    return inputs;
}

// 1 if the guard is finite, or else 0.
Tensor is_finite(const Tensor& guard) { return equal(guard - guard, scalar_like(guard, 0)); }

// The new values where the guard is finite, or else those that are overwritten.
Tensors guarded(Tensors results, std::span<const Tensor> in) {
    const Tensor updates = is_finite(in.back());
    for (std::size_t i = 0; i < results.size(); ++i) results[i] = where(updates, results[i], in[i]);
    return results;
}

// grad + weight_decay * w, without the product where there is no decay.
Tensor with_decay(const Tensor& grad, const Tensor& w, double weight_decay) {
    return weight_decay == 0 ? grad : grad + w * weight_decay;
}

Tensors compose_sgd(std::span<const Tensor> in, const Attributes& a) {
    const std::size_t count = parameter_count(in, 3);
    Tensors results(2 * count);
    for (std::size_t k = 0; k < count; ++k) {
        const Tensor &w = in[k], &velocity = in[count + k], &grad = in[2 * count + k], &learning_rate = in[3 * count];
        const Tensor moved = velocity * a.real("momentum") + with_decay(grad, w, a.real("weight_decay"));
        results[k] = w - learning_rate * moved;
        results[count + k] = moved;
    }
    return guarded(results, in);
}

Tensors compose_adam(std::span<const Tensor> in, const Attributes& a) {
    const double beta1 = a.real("beta1"), beta2 = a.real("beta2"), weight_decay = a.real("weight_decay");
    const bool decoupled = a.integer("decoupled") != 0;
    const std::size_t count = parameter_count(in, 4);
    const auto number = [&](std::int64_t i) { return reshape(narrow(in[4 * count], 0, i, i + 1), {}); };
    const Tensor learning_rate = number(0), first_correction = number(1), second_correction = number(2);
    Tensors results(3 * count);
    for (std::size_t k = 0; k < count; ++k) {
        const Tensor &w = in[k], &m = in[count + k], &v = in[2 * count + k];
        const Tensor g = with_decay(in[3 * count + k], w, decoupled ? 0 : weight_decay);
        const Tensor first = m * beta1 + g * (1 - beta1);
        const Tensor second = v * beta2 + g * g * (1 - beta2);
        const Tensor direction = first * first_correction / (sqrt(second * second_correction) + a.real("epsilon"));
        results[k] = w - learning_rate * with_decay(direction, w, decoupled ? weight_decay : 0);
        results[count + k] = first;
        results[2 * count + k] = second;
    }
    return guarded(results, in);
}

// One parameter of each kind of shape, and several at once.
std::vector<std::vector<Shape>> sample_shapes() {
    std::vector<std::vector<Shape>> samples;
    for (const Shape& shape : {Shape{}, Shape{0}, Shape{7, 5}, Shape{211}, Shape{20011}}) samples.push_back({shape});
    samples.push_back({{33, 8}, {}, {0}, {5}});
    return samples;
}

// Finite but for every fifth sample.
Tensor guard_of(SampleSource& s, std::size_t sample) {
    return s.constant({}, sample % 5 == 3 ? std::numeric_limits<double>::infinity() : 0.5);
}

std::vector<Sample> sgd_samples(SampleSource& s) {
    std::vector<Sample> samples;
    for (const std::vector<Shape>& shapes : sample_shapes())
        for (const double momentum : {0.0, 0.9}) {
            std::vector<SgdTensors> parameters;
            for (const Shape& shape : shapes) parameters.push_back({s.normal(shape), s.normal(shape), s.normal(shape)});
            samples.push_back({in_order<3>(parameters, s.constant({}, 0.1), guard_of(s, samples.size())),
                               {{"momentum", momentum}, {"weight_decay", momentum / 10}}});
        }
    return samples;
}

std::vector<Sample> adam_samples(SampleSource& s) {
    const std::array numbers = {0.01, 10.0, 1000.0};
    std::vector<Sample> samples;
    for (const std::vector<Shape>& shapes : sample_shapes())
        for (const std::int64_t decoupled : {0, 1}) {
            std::vector<AdamTensors> parameters;
            for (const Shape& shape : shapes)
                parameters.push_back({s.normal(shape), s.normal(shape), s.uniform(shape, 0, 1), s.normal(shape)});
            samples.push_back({in_order<4>(parameters, s.values({3}, numbers), guard_of(s, samples.size())),
                               {{"beta1", 0.9},
                                {"beta2", 0.999},
                                {"epsilon", 1e-8},
                                {"weight_decay", 0.01},
                                {"decoupled", decoupled}}});
        }
    return samples;
}

// A guard that lets every update through where there is none.
Tensor or_zero(const Tensor& guard, const Tensor& like) { return guard.defined() ? guard : scalar_like(like, 0); }

}  // namespace

std::vector<OpDef> optimizer_ops() {
    return {
        {.name = "sgd_step",
         .formula = "velocity = momentum * velocity + grad + weight_decay * w; w -= learning_rate * velocity, for each "
                    "of K parameters, if the guard is finite",
         .inputs = {"tensors..."},
         .attributes = {{"momentum", 0.0}, {"weight_decay", 0.0}},
         .shapes =
             "K w [...], K velocity [...], K grad [...], learning_rate [], guard [] -> K w [...], K velocity [...]",
         .infer = infer_update(3, 2, {}),
         .compose = compose_sgd,
         .samples = sgd_samples,
         .non_differentiable = update_reason,
         .updates = true},
        {.name = "adam_step",
         .formula = "m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; w -= learning_rate * m' / (sqrt(v') + "
                    "epsilon), for each of K parameters, if the guard is finite",
         .source = "Kingma and Ba, Adam, ICLR 2015, algorithm 1; Loshchilov and Hutter, AdamW, ICLR 2019, algorithm 2",
         .inputs = {"tensors..."},
         .attributes = {{"beta1", 0.9},
                        {"beta2", 0.999},
                        {"epsilon", 1e-8},
                        {"weight_decay", 0.0},
                        {"decoupled", std::int64_t{0}}},
         .shapes = "K w [...], K m [...], K v [...], K grad [...], {learning_rate, first_correction, "
                   "second_correction} [3], guard [] -> K w [...], K m [...], K v [...]",
         .infer = infer_update(4, 3, {3}),
         .compose = compose_adam,
         .samples = adam_samples,
         .non_differentiable = update_reason,
         .updates = true},
    };
}

void sgd_step(std::span<const SgdTensors> parameters, const Tensor& learning_rate, double momentum, double weight_decay,
              const Tensor& guard) {
    if (parameters.empty()) return;
    apply_update(op_named<"sgd_step">(), in_order(parameters, learning_rate, or_zero(guard, learning_rate)),
                 {{"momentum", momentum}, {"weight_decay", weight_decay}});
}

void adam_step(std::span<const AdamTensors> parameters, const Tensor& numbers, const AdamAttributes& attributes,
               const Tensor& guard) {
    if (parameters.empty()) return;
    apply_update(op_named<"adam_step">(), in_order(parameters, numbers, or_zero(guard, numbers)),
                 {{"beta1", attributes.beta1},
                  {"beta2", attributes.beta2},
                  {"epsilon", attributes.epsilon},
                  {"weight_decay", attributes.weight_decay},
                  {"decoupled", std::int64_t{attributes.decoupled}}});
}

}  // namespace tapegrad
