// y[i] = formula(x[i], ...): arithmetic, comparisons, and the functions of <cmath>.
#include <cmath>
#include <utility>
#include <xtensor/xbroadcast.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>

#include "backends/reference/kernels.hpp"

namespace tapegrad::reference {
namespace {

/// An operand of one element stands for as many as y has.
template <class T, class Formula, std::size_t... operand>
void apply(const tg_call& call, std::index_sequence<operand...>) {
    auto y = view<T>(call.outputs[0]);
    xt::noalias(y) = xt::make_lambda_xfunction(Formula{}, xt::broadcast(view<T>(call.inputs[operand]), y.shape())...);
}

template <class T, class Formula, std::size_t operands>
void elementwise(const tg_call& call) {
    apply<T, Formula>(call, std::make_index_sequence<operands>());
}

template <std::size_t operands, class Formula>
constexpr Kernel row(std::string_view name, Formula) {
    return {name, {kernel<elementwise<float, Formula, operands>>, kernel<elementwise<double, Formula, operands>>}};
}

constexpr Kernel table[] = {
    row<2>("add", [](auto a, auto b) { return a + b; }),
    row<2>("mul", [](auto a, auto b) { return a * b; }),
    row<2>("div", [](auto a, auto b) { return a / b; }),
    row<2>("maximum", [](auto a, auto b) { return a > b || std::isnan(a) ? a : b; }),
    row<2>("greater", [](auto a, auto b) { return static_cast<decltype(a)>(a > b); }),
    row<2>("pow", [](auto a, auto b) { return std::pow(a, b); }),
    row<3>("where", [](auto condition, auto a, auto b) { return condition != 0 ? a : b; }),
    row<1>("exp", [](auto x) { return std::exp(x); }),
    row<1>("expm1", [](auto x) { return std::expm1(x); }),
    row<1>("log", [](auto x) { return std::log(x); }),
    row<1>("log1p", [](auto x) { return std::log1p(x); }),
    row<1>("sqrt", [](auto x) { return std::sqrt(x); }),
    row<1>("tanh", [](auto x) { return std::tanh(x); }),
    row<1>("erf", [](auto x) { return std::erf(x); }),
};

}  // namespace

std::span<const Kernel> elementwise_kernels() { return table; }

}  // namespace tapegrad::reference
