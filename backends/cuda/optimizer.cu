// Steps of optimizers: the outputs are the first inputs, overwritten. What changes from step to step is read on the
// device, so that a captured step goes on when it is replayed.
#include <cmath>

#include "backends/cuda/kernels.cuh"

namespace tapegrad::cuda {
namespace {

/// Without a product where there is no decay: 0 * inf would be NaN.
template <class T>
__device__ T with_decay(T gradient, T w, T decay) {
    return decay == T(0) ? gradient : gradient + w * decay;
}

template <class T>
struct Sgd {
    T momentum, weight_decay;
    const T* rate;
};

template <class T>
__global__ void step_sgd(T* w, T* velocity, const T* grad, Sgd<T> sgd, std::int64_t size) {
    const std::int64_t i = thread_index();
    if (i >= size) return;
    const T old = w[i];
    const T moved = velocity[i] * sgd.momentum + with_decay(grad[i], old, sgd.weight_decay);
    w[i] = old - *sgd.rate * moved;
    velocity[i] = moved;
}
template <class T>
int sgd_step(tg_context& context, tg_call& call) {
    const std::int64_t size = call.outputs[0].size;
    const Sgd<T> sgd = {static_cast<T>(call.reals[0]), static_cast<T>(call.reals[1]), input<T>(call, 3)};
    return launch(context, "sgd_step", step_sgd<T>, one_thread_each(size), output<T>(call, 0), output<T>(call, 1),
                  input<T>(call, 2), sgd, size);
}

template <class T>
struct Adam {
    T beta1, rest1, beta2, rest2, epsilon, gradient_decay, decoupled_decay;
    const T *rate, *correction1, *correction2;
};

/// Kingma and Ba, Adam, ICLR 2015, algorithm 1; with decoupled decay Loshchilov and Hutter, ICLR 2019, algorithm 2.
template <class T>
__global__ void step_adam(T* w, T* m, T* v, const T* grad, Adam<T> adam, std::int64_t size) {
    const std::int64_t i = thread_index();
    if (i >= size) return;
    const T old = w[i], g = with_decay(grad[i], old, adam.gradient_decay);
    const T first = m[i] * adam.beta1 + g * adam.rest1;
    const T second = v[i] * adam.beta2 + g * g * adam.rest2;
    const T direction = first * *adam.correction1 / (std::sqrt(second * *adam.correction2) + adam.epsilon);
    w[i] = old - *adam.rate * with_decay(direction, old, adam.decoupled_decay);
    m[i] = first;
    v[i] = second;
}
template <class T>
int adam_step(tg_context& context, tg_call& call) {
    const std::int64_t size = call.outputs[0].size;
    const double beta1 = call.reals[0], beta2 = call.reals[1];
    const auto weight_decay = static_cast<T>(call.reals[3]);
    const bool is_decoupled = call.integers[0] != 0;
    const Adam<T> adam = {
        .beta1 = static_cast<T>(beta1),
        .rest1 = static_cast<T>(1 - beta1),
        .beta2 = static_cast<T>(beta2),
        .rest2 = static_cast<T>(1 - beta2),
        .epsilon = static_cast<T>(call.reals[2]),
        .gradient_decay = is_decoupled ? T(0) : weight_decay,
        .decoupled_decay = is_decoupled ? weight_decay : T(0),
        .rate = input<T>(call, 4),
        .correction1 = input<T>(call, 5),
        .correction2 = input<T>(call, 6),
    };
    return launch(context, "adam_step", step_adam<T>, one_thread_each(size), output<T>(call, 0), output<T>(call, 1),
                  output<T>(call, 2), input<T>(call, 3), adam, size);
}

constexpr Kernel table[] = {
    {"sgd_step", {kernel<sgd_step<float>>, kernel<sgd_step<double>>}},
    {"adam_step", {kernel<adam_step<float>>, kernel<adam_step<double>>}},
};

}  // namespace

std::span<const Kernel> optimizer_kernels() { return table; }

}  // namespace tapegrad::cuda
