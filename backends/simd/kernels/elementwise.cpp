// y[i] = formula(x[i], ...): arithmetic, comparisons, functions and activations.
#include "backends/simd/kernels/exponential.hpp"
#include "backends/simd/kernels/functions.hpp"
#include "backends/simd/kernels/kernels.hpp"

namespace tapegrad::simd {
namespace {

/// An operand's elements, or one element again and again.
template <class T>
struct Operand {
    const T* data;
    std::int64_t step;  ///< 0 for one element, which `data` then holds a whole vector of

    Batch<T> at(std::int64_t i) const { return load(data + i * step); }
};

template <class T, class Formula, std::size_t operands, std::size_t reals>
void compute_range(const std::array<Operand<T>, operands>& from, const std::array<Batch<T>, reals>& constants, T* y,
                   std::int64_t begin, std::int64_t end) {
    const auto at = [from, constants](std::int64_t i) {
        return std::apply(
            [&](const auto&... operand) {
                return std::apply([&](const auto&... constant) { return Formula{}(operand.at(i)..., constant...); },
                                  constants);
            },
            from);
    };
    std::int64_t i = begin;
    for (; i + lanes<T> <= end; i += lanes<T>) at(i).store_unaligned(y + i);
    if (i < end) store_first(y + i, at(i), end - i);
}

template <class T, class Formula, std::size_t operands, std::size_t reals, int cost>
void elementwise(const tg_context& context, const tg_call& call) {
    const std::int64_t size = call.outputs[0].size;
    if (size == 0) return;
    alignas(64) T repeated[operands][lanes<T>];
    std::array<Operand<T>, operands> from;
    for (std::size_t k = 0; k < operands; ++k) {
        const T* data = static_cast<const T*>(call.inputs[k].data);
        const bool repeats = call.inputs[k].size == 1;
        if (repeats) std::fill_n(repeated[k], lanes<T>, *data);
        from[k] = {repeats ? repeated[k] : data, repeats ? 0 : 1};
    }
    std::array<Batch<T>, reals> constants;
    for (std::size_t k = 0; k < reals; ++k) constants[k] = Batch<T>(static_cast<T>(call.reals[k]));
    parallel_for_elements(context, size, cost, [&](std::int64_t begin, std::int64_t end) {
        compute_range<T, Formula>(from, constants, output<T>(call), begin, end);
    });
}

/// `cost` is that of one element, in simple operations.
template <std::size_t operands, std::size_t reals, int cost, class Formula>
constexpr Kernel row(std::string_view name, Formula) {
    return {name,
            {kernel<elementwise<float, Formula, operands, reals, cost>>,
             kernel<elementwise<double, Formula, operands, reals, cost>>}};
}

template <class T>
Batch<T> choose(const xsimd::batch_bool<T>& condition, const Batch<T>& a, const Batch<T>& b) {
    return xsimd::select(condition, a, b);
}

constexpr Kernel table[] = {
    row<2, 0, 1>("add", [](auto a, auto b) { return a + b; }),
    row<2, 0, 1>("sub", [](auto a, auto b) { return a - b; }),
    row<2, 0, 1>("mul", [](auto a, auto b) { return a * b; }),
    row<2, 0, 1>("div", [](auto a, auto b) { return a / b; }),
    // Without an addition where it would turn -0 into 0.
    row<1, 2, 2>("affine", [](auto x, auto scale,
                              auto shift) { return choose(shift == decltype(x)(0), x * scale, x * scale + shift); }),
    row<2, 0, 1>("maximum", [](auto a, auto b) { return larger(a, b); }),
    row<2, 0, 1>("greater", [](auto a, auto b) { return choose(a > b, decltype(a)(1), decltype(a)(0)); }),
    row<2, 0, 1>("equal", [](auto a, auto b) { return choose(a == b, decltype(a)(1), decltype(a)(0)); }),
    row<3, 0, 1>("where", [](auto condition, auto a, auto b) { return choose(condition == decltype(a)(0), b, a); }),
    row<2, 0, 32>("pow", [](auto a, auto b) { return power(a, b); }),
    row<1, 0, 4>("exp", [](auto x) { return exponential(x); }),
    row<1, 0, 8>("expm1", [](auto x) { return exponential_minus_1(x); }),
    row<1, 0, 8>("log", [](auto x) { return logarithm(x); }),
    row<1, 0, 8>("log1p", [](auto x) { return logarithm_of_1_plus(x); }),
    row<1, 0, 2>("sqrt", [](auto x) { return xsimd::sqrt(x); }),
    row<1, 0, 8>("tanh", [](auto x) { return hyperbolic_tangent(x); }),
    row<1, 2, 1>("clamp", [](auto x, auto low, auto high) { return -larger(-larger(x, low), -high); }),
    row<1, 0, 4>("sigmoid", [](auto x) { return decltype(x)(1) / (exponential(-x) + decltype(x)(1)); }),
    row<1, 0, 1>("relu", [](auto x) { return larger(x, decltype(x)(0)); }),
    row<1, 1, 1>("leaky_relu", [](auto x, auto slope) { return choose(x > decltype(x)(0), x, x * slope); }),
    row<1, 1, 8>("elu",
                 [](auto x, auto alpha) { return choose(x > decltype(x)(0), x, expm1_at_most_zero(x) * alpha); }),
    row<2, 1, 1>("elu_gradient",
                 [](auto g, auto y, auto alpha) { return choose(y > decltype(y)(0), g, g * (y + alpha)); }),
    row<1, 0, 16>("erf", [](auto x) { return error_function(x); }),
};

}  // namespace

std::span<const Kernel> elementwise_kernels() { return table; }

}  // namespace tapegrad::simd
