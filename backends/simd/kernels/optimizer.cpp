// Steps of optimizers: the outputs are the first inputs, overwritten.
#include "backends/simd/kernels/kernels.hpp"

namespace tapegrad::simd {
namespace {

/// Calls update(element, store), where store(y, x) writes the vector x, or what of it lies before the end, to y.
template <class T>
void for_each_vector(const tg_context& context, std::int64_t size, std::int64_t cost, const auto& update) {
    parallel_for_elements(context, size, cost, [&](std::int64_t begin, std::int64_t end) {
        std::int64_t i = begin;
        for (; i + lanes<T> <= end; i += lanes<T>)
            update(i, [i](T* y, const Batch<T>& x) { x.store_unaligned(y + i); });
        if (i < end) update(i, [i, end](T* y, const Batch<T>& x) { store_first(y + i, x, end - i); });
    });
}

template <class T>
void sgd_step(const tg_context& context, const tg_call& call) {
    T *const w = output<T>(call, 0), *const velocity = output<T>(call, 1);
    const T* const grad = input<T>(call, 2);
    const Batch<T> rate(*input<T>(call, 3)), momentum(static_cast<T>(call.reals[0])),
        weight_decay(static_cast<T>(call.reals[1]));
    const bool decays = call.reals[1] != 0;
    for_each_vector<T>(context, call.outputs[0].size, 2, [=](std::int64_t i, const auto& store) {
        const Batch<T> old = load(w + i), g = decays ? load(grad + i) + old * weight_decay : load(grad + i);
        const Batch<T> moved = load(velocity + i) * momentum + g;
        store(w, old - rate * moved);
        store(velocity, moved);
    });
}

/// Kingma and Ba, Adam, ICLR 2015, algorithm 1; with decoupled decay Loshchilov and Hutter, ICLR 2019, algorithm 2.
template <class T>
void adam_step(const tg_context& context, const tg_call& call) {
    T *const w = output<T>(call, 0), *const m = output<T>(call, 1), *const v = output<T>(call, 2);
    const T* const grad = input<T>(call, 3);
    const auto constant = [](double value) { return Batch<T>(static_cast<T>(value)); };
    const Batch<T> beta1 = constant(call.reals[0]), beta2 = constant(call.reals[1]), epsilon = constant(call.reals[2]);
    const Batch<T> rest1 = constant(1 - call.reals[0]), rest2 = constant(1 - call.reals[1]);
    const Batch<T> rate(*input<T>(call, 4)), correction1(*input<T>(call, 5)), correction2(*input<T>(call, 6));
    const double weight_decay = call.reals[3];
    const bool decoupled = call.integers[0] != 0, decays = weight_decay != 0;
    const Batch<T> decay = constant(weight_decay);
    for_each_vector<T>(context, call.outputs[0].size, 8, [=](std::int64_t i, const auto& store) {
        const Batch<T> old = load(w + i);
        Batch<T> g = load(grad + i);
        if (decays && !decoupled) g = g + old * decay;
        const Batch<T> first = load(m + i) * beta1 + g * rest1;
        const Batch<T> second = load(v + i) * beta2 + g * g * rest2;
        Batch<T> direction = first * correction1 / (xsimd::sqrt(second * correction2) + epsilon);
        if (decays && decoupled) direction = direction + old * decay;
        store(w, old - rate * direction);
        store(m, first);
        store(v, second);
    });
}

constexpr Kernel table[] = {
    {"sgd_step", {kernel<sgd_step<float>>, kernel<sgd_step<double>>}},
    {"adam_step", {kernel<adam_step<float>>, kernel<adam_step<double>>}},
};

}  // namespace

std::span<const Kernel> optimizer_kernels() { return table; }

}  // namespace tapegrad::simd
