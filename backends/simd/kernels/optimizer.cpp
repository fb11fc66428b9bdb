// Steps of optimizers for some parameters: the outputs are the first inputs, overwritten unless the guard, the last
// input, is not finite.
#include <cmath>

#include "backends/simd/kernels/kernels.hpp"

namespace tapegrad::simd {
namespace {

/// Pointers to the elements of one parameter's tensors, in the order of the op's inputs: the first are written.
template <class T, int roles>
struct Parameter {
    T* tensors[roles];

    T* operator[](int role) const { return tensors[role]; }
};

/// Calls update(parameter, element, store) for vectors of elements of all parameters, where store(y, x) writes the
/// vector x, or what of it lies before the end, to y.
template <class T, int roles>
void for_each_vector(const tg_context& context, const tg_call& call, std::int64_t cost, const auto& update) {
    const int count = (call.input_count - 2) / roles;
    // Threads meet between blocks of a parameter, so that no vector has elements of two.
    constexpr std::int64_t block = 64;
    const auto blocks_of = [&](int k) { return divide_up(call.inputs[k].size, block); };
    std::int64_t blocks = 0;
    for (int k = 0; k < count; ++k) blocks += blocks_of(k);
    parallel_for(context, blocks, block * cost, [&](std::int64_t begin, std::int64_t end) {
        std::int64_t first = 0;  // block of a parameter, among those of all
        for (int k = 0; k < count && first < end; first += blocks_of(k++)) {
            Parameter<T, roles> parameter;
            for (int role = 0; role < roles; ++role)
                parameter.tensors[role] = static_cast<T*>(call.inputs[role * count + k].data);
            const std::int64_t stop = std::min((end - first) * block, call.inputs[k].size);
            std::int64_t i = std::max<std::int64_t>(begin - first, 0) * block;
            for (; i + lanes<T> <= stop; i += lanes<T>)
                update(parameter, i, [i](T* y, const Batch<T>& x) { x.store_unaligned(y + i); });
            if (i < stop) update(parameter, i, [i, stop](T* y, const Batch<T>& x) { store_first(y + i, x, stop - i); });
        }
    });
}

template <class T>
bool lets_through(const tg_call& call) {
    return std::isfinite(*input<T>(call, call.input_count - 1));
}
template <class T>
const T* numbers_of(const tg_call& call) {
    return input<T>(call, call.input_count - 2);
}

template <class T>
void sgd_step(const tg_context& context, const tg_call& call) {
    if (!lets_through<T>(call)) return;
    const Batch<T> rate(*numbers_of<T>(call)), momentum(static_cast<T>(call.reals[0])),
        weight_decay(static_cast<T>(call.reals[1]));
    const bool decays = call.reals[1] != 0;
    for_each_vector<T, 3>(context, call, 2, [=](const auto& parameter, std::int64_t i, const auto& store) {
        T *const w = parameter[0], *const velocity = parameter[1];
        const T* const grad = parameter[2];
        const Batch<T> old = load(w + i), g = decays ? load(grad + i) + old * weight_decay : load(grad + i);
        const Batch<T> moved = load(velocity + i) * momentum + g;
        store(w, old - rate * moved);
        store(velocity, moved);
    });
}

/// Kingma and Ba, Adam, ICLR 2015, algorithm 1; with decoupled decay Loshchilov and Hutter, ICLR 2019, algorithm 2.
template <class T>
void adam_step(const tg_context& context, const tg_call& call) {
    if (!lets_through<T>(call)) return;
    const T* const numbers = numbers_of<T>(call);
    const auto constant = [](double value) { return Batch<T>(static_cast<T>(value)); };
    const Batch<T> beta1 = constant(call.reals[0]), beta2 = constant(call.reals[1]), epsilon = constant(call.reals[2]);
    const Batch<T> rest1 = constant(1 - call.reals[0]), rest2 = constant(1 - call.reals[1]);
    const Batch<T> rate(numbers[0]), correction1(numbers[1]), correction2(numbers[2]);
    const double weight_decay = call.reals[3];
    const bool decoupled = call.integers[0] != 0, decays = weight_decay != 0;
    const Batch<T> decay = constant(weight_decay);
    for_each_vector<T, 4>(context, call, 8, [=](const auto& parameter, std::int64_t i, const auto& store) {
        T *const w = parameter[0], *const m = parameter[1], *const v = parameter[2];
        const T* const grad = parameter[3];
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
