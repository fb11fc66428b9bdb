// softmax, log_softmax and logsumexp along any axis of x.
#include "backends/simd/kernels/softmax.hpp"

namespace tapegrad::simd {
namespace {

enum class Output { softmax, log_softmax, logsumexp };

/// x seen as [outer, count, inner], where the axis in the middle is that of the call.
struct Axis {
    explicit Axis(const tg_call& call) {
        const tg_array& x = call.inputs[0];
        const std::int64_t given = call.integers[0], axis = given < 0 ? given + x.rank : given;
        for (std::int64_t i = 0; i < x.rank; ++i) (i < axis ? outer : i == axis ? count : inner) *= x.shape[i];
    }
    std::int64_t outer = 1, count = 1, inner = 1;
};

/// What is subtracted in logsumexp: rows of -inf have the result -inf, where inf - inf would be NaN.
template <class T>
Batch<T> finite_or_0(const Batch<T>& x) {
    return xsimd::select(x - x == Batch<T>(0), x, Batch<T>(0));
}

template <class T, Output kind>
void compute_row(const T* x, std::int64_t count, T* y) {
    const T largest = largest_of_row(x, count);
    if constexpr (kind == Output::logsumexp) {
        const T shift = finite_or_0(Batch<T>(largest)).get(0);
        *y = logarithm_of(sum_of_exponentials(x, count, shift)) + shift;
    } else if constexpr (kind == Output::log_softmax) {
        const Batch<T> shift(largest), log_sum(logarithm_of(sum_of_exponentials(x, count, largest)));
        for_vectors_of_row(x, count, [&](std::int64_t i, const Batch<T>& v, std::int64_t used) {
            store_first(y + i, v - shift - log_sum, used);
        });
    } else {
        LaneSums<T> sums;
        for_vectors_of_row(x, count, [&](std::int64_t i, const Batch<T>& v, std::int64_t used) {
            const Batch<T> e = first_lanes(exponential(v - Batch<T>(largest)), used, T(0));
            sums.add(e);
            store_first(y + i, e, used);
        });
        const Batch<T> sum(sums.total());
        for_vectors_of_row(
            y, count, [&](std::int64_t i, const Batch<T>& e, std::int64_t used) { store_first(y + i, e / sum, used); });
    }
}

/// One vector of columns, of which `used` count.
template <class T, Output kind>
void compute_columns(const T* x, std::int64_t count, std::int64_t stride, T* y, std::int64_t used) {
    Batch<T> largest = load(x);
    for (std::int64_t i = 1; i < count; ++i) largest = larger(largest, load(x + i * stride));
    const Batch<T> shift = kind == Output::logsumexp ? finite_or_0(largest) : largest;
    LaneSums<T> sums;
    for (std::int64_t i = 0; i < count; ++i) {
        const Batch<T> e = exponential(load(x + i * stride) - shift);
        sums.add(e);
        if (kind == Output::softmax) store_first(y + i * stride, e, used);
    }
    const Batch<T> sum = sums.in_lanes();
    const Batch<T> log_sum = kind == Output::softmax ? sum : logarithm(sum);
    if (kind == Output::logsumexp) return store_first(y, log_sum + shift, used);
    for (std::int64_t i = 0; i < count; ++i)
        store_first(y + i * stride,
                    kind == Output::softmax ? load(y + i * stride) / sum : load(x + i * stride) - shift - log_sum,
                    used);
}

template <class T, Output kind>
void along_axis(const tg_context& context, const tg_call& call) {
    const Axis axis(call);
    const std::int64_t count = axis.count, inner = axis.inner, results = kind == Output::logsumexp ? 1 : count;
    const std::int64_t tiles = divide_up(inner, lanes<T>);
    parallel_for(context, axis.outer * tiles, (count + lanes<T>)*4, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t item = begin; item < end; ++item) {
            const std::int64_t outer = item / tiles, column = item % tiles * lanes<T>;
            const T* const x = input<T>(call, 0) + outer * count * inner + column;
            T* const y = output<T>(call) + outer * results * inner + column;
            if (inner == 1)
                compute_row<T, kind>(x, count, y);
            else
                compute_columns<T, kind>(x, count, inner, y, std::min(lanes<T>, inner - column));
        }
    });
}

template <Output kind>
constexpr Kernel row(std::string_view name) {
    return {name, {kernel<along_axis<float, kind>>, kernel<along_axis<double, kind>>}};
}

constexpr Kernel table[] = {row<Output::softmax>("softmax"), row<Output::log_softmax>("log_softmax"),
                            row<Output::logsumexp>("logsumexp")};

}  // namespace

std::span<const Kernel> softmax_kernels() { return table; }

}  // namespace tapegrad::simd
