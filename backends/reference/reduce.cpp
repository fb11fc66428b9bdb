// Reductions of x[outer, reduced, inner] over its middle dimension.
#include <cmath>
#include <functional>
#include <limits>
#include <xtensor/xnoalias.hpp>
#include <xtensor/xreducer.hpp>

#include "backends/reference/kernels.hpp"

namespace tapegrad::reference {
namespace {

template <class T>
void reduce(const tg_call& call, auto combine, auto start) {
    const auto x = view<T, 3>(call.inputs[0]);
    auto y = view<T, 2>(call.outputs[0]);
    if (x.size() == 0) return y.fill(T(0));  // xtensor's reducers read an element even of an empty array
    xt::noalias(y) = xt::reduce(xt::make_xreducer_functor(combine, xt::const_value(start)), x, {1},
                                xt::evaluation_strategy::immediate);
}

/// Summed in double, whatever T is, in the order in which the elements lie.
template <class T>
void reduce_sum(const tg_call& call) {
    reduce<T>(call, std::plus<double>(), 0.0);
}

template <class T>
void reduce_max(const tg_call& call) {
    reduce<T>(
        call, [](T a, T b) { return a > b || std::isnan(a) ? a : b; }, -std::numeric_limits<T>::infinity());
}

constexpr Kernel table[] = {
    {"reduce_sum", {kernel<reduce_sum<float>>, kernel<reduce_sum<double>>}},
    {"reduce_max", {kernel<reduce_max<float>>, kernel<reduce_max<double>>}},
};

}  // namespace

std::span<const Kernel> reduce_kernels() { return table; }

}  // namespace tapegrad::reference
