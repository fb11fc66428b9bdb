// y[i] = formula(x[i], ...), one thread for each i: arithmetic, comparisons, functions and activations. A formula is
// compiled once for f32 and once for f64; functions are those of the CUDA math library, at most 2 units in the last
// place off (4 for powf).
#include <cmath>
#include <utility>

#include "backends/cuda/kernels.cuh"
#include "backends/cuda/warp.cuh"

namespace tapegrad::cuda {
namespace {

/// An operand's elements, or one element again and again.
template <class T>
struct Operand {
    const T* data;
    int step;  ///< 0 for one element

    __device__ T at(std::int64_t i) const { return data[i * step]; }
};
template <class T>
Operand<T> operand(const tg_call& call, int index) {
    return {input<T>(call, index), call.inputs[index].size == 1 ? 0 : 1};
}

/// The numbers that come with a call, in the type that it computes in.
template <class T>
struct Constants {
    T first, second;
};
template <class T>
Constants<T> constants(const tg_call& call) {
    const auto at = [&](int k) { return k < call.real_count ? static_cast<T>(call.reals[k]) : T(0); };
    return {at(0), at(1)};
}

/// T, once for each index.
template <class T, std::size_t index>
using Like = T;

template <class Formula, class T, class... Operands>
__global__ void map(T* y, std::int64_t size, Constants<T> constants, Operands... operands) {
    const std::int64_t i = thread_index();
    if (i < size) y[i] = Formula::of(constants, operands.at(i)...);
}

template <class Formula, class T, std::size_t... index>
int run_with(tg_context& context, const tg_call& call, std::index_sequence<index...>) {
    const std::int64_t size = call.outputs[0].size;
    return launch(context, Formula::name, map<Formula, T, Like<Operand<T>, index>...>, one_thread_each(size),
                  output<T>(call), size, constants<T>(call), operand<T>(call, index)...);
}
template <class Formula, class T>
int run(tg_context& context, tg_call& call) {
    return run_with<Formula, T>(context, call, std::make_index_sequence<Formula::operands>());
}

template <class Formula>
constexpr Kernel row() {
    return {Formula::name, {kernel<run<Formula, float>>, kernel<run<Formula, double>>}};
}

template <std::size_t count>
struct Formula {
    static constexpr std::size_t operands = count;
};

struct Add : Formula<2> {
    static constexpr const char* name = "add";
    template <class T>
    __device__ static T of(Constants<T>, T a, T b) {
        return a + b;
    }
};
struct Sub : Formula<2> {
    static constexpr const char* name = "sub";
    template <class T>
    __device__ static T of(Constants<T>, T a, T b) {
        return a - b;
    }
};
struct Mul : Formula<2> {
    static constexpr const char* name = "mul";
    template <class T>
    __device__ static T of(Constants<T>, T a, T b) {
        return a * b;
    }
};
struct Div : Formula<2> {
    static constexpr const char* name = "div";
    template <class T>
    __device__ static T of(Constants<T>, T a, T b) {
        return a / b;
    }
};
struct Maximum : Formula<2> {
    static constexpr const char* name = "maximum";
    template <class T>
    __device__ static T of(Constants<T>, T a, T b) {
        return larger(a, b);
    }
};
struct Greater : Formula<2> {
    static constexpr const char* name = "greater";
    template <class T>
    __device__ static T of(Constants<T>, T a, T b) {
        return a > b ? T(1) : T(0);
    }
};
struct Equal : Formula<2> {
    static constexpr const char* name = "equal";
    template <class T>
    __device__ static T of(Constants<T>, T a, T b) {
        return a == b ? T(1) : T(0);
    }
};
struct Pow : Formula<2> {
    static constexpr const char* name = "pow";
    template <class T>
    __device__ static T of(Constants<T>, T a, T b) {
        return std::pow(a, b);
    }
};
struct Where : Formula<3> {
    static constexpr const char* name = "where";
    template <class T>
    __device__ static T of(Constants<T>, T condition, T a, T b) {
        return condition == T(0) ? b : a;
    }
};
struct Exp : Formula<1> {
    static constexpr const char* name = "exp";
    template <class T>
    __device__ static T of(Constants<T>, T x) {
        return std::exp(x);
    }
};
struct Expm1 : Formula<1> {
    static constexpr const char* name = "expm1";
    template <class T>
    __device__ static T of(Constants<T>, T x) {
        return std::expm1(x);
    }
};
struct Log : Formula<1> {
    static constexpr const char* name = "log";
    template <class T>
    __device__ static T of(Constants<T>, T x) {
        return std::log(x);
    }
};
struct Log1p : Formula<1> {
    static constexpr const char* name = "log1p";
    template <class T>
    __device__ static T of(Constants<T>, T x) {
        return std::log1p(x);
    }
};
struct Sqrt : Formula<1> {
    static constexpr const char* name = "sqrt";
    template <class T>
    __device__ static T of(Constants<T>, T x) {
        return std::sqrt(x);
    }
};
struct Tanh : Formula<1> {
    static constexpr const char* name = "tanh";
    template <class T>
    __device__ static T of(Constants<T>, T x) {
        return std::tanh(x);
    }
};
struct Erf : Formula<1> {
    static constexpr const char* name = "erf";
    template <class T>
    __device__ static T of(Constants<T>, T x) {
        return std::erf(x);
    }
};
struct Sigmoid : Formula<1> {
    static constexpr const char* name = "sigmoid";
    template <class T>
    __device__ static T of(Constants<T>, T x) {
        return T(1) / (std::exp(-x) + T(1));
    }
};
struct Relu : Formula<1> {
    static constexpr const char* name = "relu";
    template <class T>
    __device__ static T of(Constants<T>, T x) {
        return larger(x, T(0));
    }
};
// Without an addition where it would turn -0 into 0.
struct Affine : Formula<1> {
    static constexpr const char* name = "affine";
    template <class T>
    __device__ static T of(Constants<T> c, T x) {
        return c.second == T(0) ? x * c.first : x * c.first + c.second;
    }
};
struct Clamp : Formula<1> {
    static constexpr const char* name = "clamp";
    template <class T>
    __device__ static T of(Constants<T> c, T x) {
        return -larger(-larger(x, c.first), -c.second);
    }
};
struct LeakyRelu : Formula<1> {
    static constexpr const char* name = "leaky_relu";
    template <class T>
    __device__ static T of(Constants<T> c, T x) {
        return x > T(0) ? x : x * c.first;
    }
};
struct Elu : Formula<1> {
    static constexpr const char* name = "elu";
    template <class T>
    __device__ static T of(Constants<T> c, T x) {
        return x > T(0) ? x : std::expm1(x) * c.first;
    }
};
struct EluGradient : Formula<2> {
    static constexpr const char* name = "elu_gradient";
    template <class T>
    __device__ static T of(Constants<T> c, T g, T y) {
        return y > T(0) ? g : g * (y + c.first);
    }
};

constexpr Kernel table[] = {
    row<Add>(),    row<Sub>(),   row<Mul>(),       row<Div>(), row<Maximum>(),     row<Greater>(),
    row<Equal>(),  row<Pow>(),   row<Where>(),     row<Exp>(), row<Expm1>(),       row<Log>(),
    row<Log1p>(),  row<Sqrt>(),  row<Tanh>(),      row<Erf>(), row<Sigmoid>(),     row<Relu>(),
    row<Affine>(), row<Clamp>(), row<LeakyRelu>(), row<Elu>(), row<EluGradient>(),
};

}  // namespace

std::span<const Kernel> elementwise_kernels() { return table; }

}  // namespace tapegrad::cuda
