// Steps of optimizers for some parameters: the outputs are the first inputs, overwritten unless the guard, the last
// input, is not finite. What changes from step to step is read on the device, so that a captured step goes on when it
// is replayed.
#include <algorithm>
#include <cmath>

#include "backends/cuda/kernels.cuh"

namespace tapegrad::cuda {
namespace {

template <class T>
__device__ bool is_finite(T x) {
    return x - x == T(0);
}

/// Without a product where there is no decay: 0 * inf would be NaN.
template <class T>
__device__ T with_decay(T gradient, T w, T decay) {
    return decay == T(0) ? gradient : gradient + w * decay;
}

/// The tensors of several parameters, which one launch updates: a block has elements of one of them.
template <class T, int roles>
struct Parameters {
    static constexpr int most = 32;  // arguments of a kernel have 4 KiB
    T* tensors[most][roles];
    std::int64_t sizes[most];
    std::uint32_t first_blocks[most + 1];
    int count;

    /// This thread's place. There is none behind the end of a parameter.
    struct Element {
        int parameter;
        std::int64_t index;
        bool exists;
    };
    __device__ Element element() const {
        int k = 0;
        while (blockIdx.x >= first_blocks[k + 1]) ++k;
        const std::int64_t index = static_cast<std::int64_t>(blockIdx.x - first_blocks[k]) * blockDim.x + threadIdx.x;
        return {k, index, index < sizes[k]};
    }
};

/// Launches `update`, whose last arguments are the parameters and `step`, for all parameters of the call.
template <class T, int roles, class Step>
int launch_updates(tg_context& context, const tg_call& call, const char* name,
                   void (*update)(Parameters<T, roles>, Step), const Step& step) {
    static_assert(sizeof(Parameters<T, roles>) + sizeof(Step) <= 4096);
    const int all = (call.input_count - 2) / roles;
    for (int first = 0; first < all;) {
        Parameters<T, roles> some = {};
        for (; first < all && some.count < some.most; ++first) {
            const std::int64_t size = call.inputs[first].size;
            for (int role = 0; role < roles; ++role)
                some.tensors[some.count][role] = static_cast<T*>(call.inputs[role * all + first].data);
            some.sizes[some.count] = size;
            some.first_blocks[some.count + 1] =
                some.first_blocks[some.count] + static_cast<std::uint32_t>(divide_up(size, 256));
            ++some.count;
        }
        if (launch(context, name, update, Grid{some.first_blocks[some.count]}, some, step) != TG_OK) return TG_FAILED;
    }
    return TG_OK;
}

template <class T>
struct Sgd {
    T momentum, weight_decay;
    const T *rate, *guard;
};

template <class T>
__global__ void step_sgd(Parameters<T, 3> parameters, Sgd<T> sgd) {
    const auto [k, i, exists] = parameters.element();
    if (!exists || !is_finite(*sgd.guard)) return;
    T* const* const tensors = parameters.tensors[k];
    T& w = tensors[0][i];
    T& velocity = tensors[1][i];
    const T old = w, moved = velocity * sgd.momentum + with_decay(tensors[2][i], old, sgd.weight_decay);
    w = old - *sgd.rate * moved;
    velocity = moved;
}
template <class T>
int sgd_step(tg_context& context, tg_call& call) {
    const Sgd<T> sgd = {static_cast<T>(call.reals[0]), static_cast<T>(call.reals[1]),
                        input<T>(call, call.input_count - 2), input<T>(call, call.input_count - 1)};
    return launch_updates<T, 3>(context, call, "sgd_step", step_sgd<T>, sgd);
}

template <class T>
struct Adam {
    T beta1, rest1, beta2, rest2, epsilon, gradient_decay, decoupled_decay;
    const T* numbers;  ///< learning rate, first and second correction
    const T* guard;
};

/// Kingma and Ba, Adam, ICLR 2015, algorithm 1; with decoupled decay Loshchilov and Hutter, ICLR 2019, algorithm 2.
template <class T>
__global__ void step_adam(Parameters<T, 4> parameters, Adam<T> adam) {
    const auto [k, i, exists] = parameters.element();
    if (!exists || !is_finite(*adam.guard)) return;
    T* const* const tensors = parameters.tensors[k];
    T& w = tensors[0][i];
    T& m = tensors[1][i];
    T& v = tensors[2][i];
    const T rate = adam.numbers[0], correction1 = adam.numbers[1], correction2 = adam.numbers[2];
    const T old = w, g = with_decay(tensors[3][i], old, adam.gradient_decay);
    const T first = m * adam.beta1 + g * adam.rest1;
    const T second = v * adam.beta2 + g * g * adam.rest2;
    const T direction = first * correction1 / (std::sqrt(second * correction2) + adam.epsilon);
    w = old - rate * with_decay(direction, old, adam.decoupled_decay);
    m = first;
    v = second;
}
template <class T>
int adam_step(tg_context& context, tg_call& call) {
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
        .numbers = input<T>(call, call.input_count - 2),
        .guard = input<T>(call, call.input_count - 1),
    };
    return launch_updates<T, 4>(context, call, "adam_step", step_adam<T>, adam);
}

constexpr Kernel table[] = {
    {"sgd_step", {kernel<sgd_step<float>>, kernel<sgd_step<double>>}},
    {"adam_step", {kernel<adam_step<float>>, kernel<adam_step<double>>}},
};

}  // namespace

std::span<const Kernel> optimizer_kernels() { return table; }

}  // namespace tapegrad::cuda
