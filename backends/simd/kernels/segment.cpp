// Rows picked by an index, and rows reduced by the segment they belong to.
#include <limits>

#include "backends/simd/kernels/kernels.hpp"
#include "backends/simd/kernels/segments.hpp"

namespace tapegrad::simd {
namespace {

/// y[e] = x[index[e]]. Whole vectors are written where the next row, written later, covers what is too much.
template <class T>
void gather_rows(const T* x, const std::int32_t* index, std::int64_t width, T* y, std::int64_t begin,
                 std::int64_t end) {
    const std::int64_t covered = end - divide_up(lanes<T>, std::max<std::int64_t>(1, width));
    std::int64_t e = begin;
    for (; e < covered; ++e)
        for (std::int64_t column = 0; column < width; column += lanes<T>)
            load(x + index[e] * width + column).store_unaligned(y + e * width + column);
    for (; e < end; ++e) std::copy_n(x + index[e] * width, width, y + e * width);
}

template <class T>
void gather(const tg_context& context, const tg_call& call) {
    const T* const x = input<T>(call, 0);
    const std::int32_t* const index = input<std::int32_t>(call, 1);
    T* const y = output<T>(call);
    const std::int64_t rows = call.outputs[0].shape[0], width = call.outputs[0].shape[1];
    parallel_for(context, rows, width + 4, [&](std::int64_t begin, std::int64_t end) {
        if (width == 1)
            for (std::int64_t e = begin; e < end; ++e) y[e] = x[index[e]];
        else
            gather_rows(x, index, width, y, begin, end);
    });
}

/// A sum of rows in T; of a long segment, pieces in T that are added in double, so that the error does not grow with
/// the length.
template <class T>
struct SegmentSum {
    using Total = double;
    static constexpr T start = 0;
    static Batch<T> combine(const Batch<T>& a, const Batch<T>& b) { return a + b; }
    static double combine(double a, double b) { return a + b; }
    static Batch<T> finish(const Batch<T>& x, std::int64_t) { return x; }
};

template <class T>
struct SegmentMean : SegmentSum<T> {
    static Batch<T> finish(const Batch<T>& x, std::int64_t count) {
        return x / Batch<T>(static_cast<T>(std::max<std::int64_t>(count, 1)));
    }
};

template <class T>
struct SegmentMax {
    using Total = T;
    static constexpr T start = -std::numeric_limits<T>::infinity();
    static Batch<T> combine(const Batch<T>& a, const Batch<T>& b) { return larger(a, b); }
    static T combine(T a, T b) { return larger(a, b); }
    static Batch<T> finish(const Batch<T>& x, std::int64_t) {
        return xsimd::select(x == Batch<T>(start), Batch<T>(0), x);
    }
};

/// Some vectors of columns of one segment.
template <class T, class Reduction, int vectors>
void reduce_columns(const T* x, std::span<const std::int32_t> order, std::int64_t width, T* y, std::int64_t columns) {
    constexpr std::size_t piece = summed_at_once;
    using Total = typename Reduction::Total;
    Batch<T> sums[vectors];
    const auto walk = [&](std::span<const std::int32_t> rows) {
        for (Batch<T>& sum : sums) sum = Batch<T>(Reduction::start);
        for (const std::int32_t row : rows)
            for (int k = 0; k < vectors; ++k)
                sums[k] = Reduction::combine(sums[k], load(x + row * width + k * lanes<T>));
    };
    if (order.size() <= piece) {
        walk(order);
    } else {
        alignas(64) Total totals[vectors * lanes<T>];
        alignas(64) T elements[vectors * lanes<T>];
        std::fill(std::begin(totals), std::end(totals), Total(Reduction::start));
        for (std::size_t first = 0; first < order.size(); first += piece) {
            walk(order.subspan(first, std::min(piece, order.size() - first)));
            for (int k = 0; k < vectors; ++k) sums[k].store_aligned(elements + k * lanes<T>);
            for (std::int64_t i = 0; i < vectors * lanes<T>; ++i)
                totals[i] = Reduction::combine(totals[i], static_cast<Total>(elements[i]));
        }
        std::copy(std::begin(totals), std::end(totals), elements);
        for (int k = 0; k < vectors; ++k) sums[k] = Batch<T>::load_aligned(elements + k * lanes<T>);
    }
    for (int k = 0; k < vectors; ++k)
        store_first(y + k * lanes<T>, Reduction::finish(sums[k], static_cast<std::int64_t>(order.size())),
                    columns - k * lanes<T>);
}

template <class T, class Reduction>
void reduce_segment(const T* x, std::span<const std::int32_t> order, std::int64_t width, T* y) {
    for (std::int64_t column = 0; column < width;) {
        const std::int64_t columns = width - column, left = divide_up(columns, lanes<T>);
        if (left >= 4) {
            reduce_columns<T, Reduction, 4>(x + column, order, width, y + column, columns);
            column += 4 * lanes<T>;
        } else if (left >= 2) {
            reduce_columns<T, Reduction, 2>(x + column, order, width, y + column, columns);
            column += 2 * lanes<T>;
        } else {
            reduce_columns<T, Reduction, 1>(x + column, order, width, y + column, columns);
            column += lanes<T>;
        }
    }
}

template <class T, class Reduction>
void scatter(const tg_context& context, const tg_call& call) {
    const Segments segments(call, 2);
    const std::int64_t width = elements_of_row(call.outputs[0]);
    for_each_segment(context, segments, width + 4, [&](std::int64_t segment) {
        reduce_segment<T, Reduction>(input<T>(call, 0), segments.order_of(segment), width,
                                     output<T>(call) + segment * width);
    });
}

constexpr Kernel table[] = {
    {"gather", {kernel<gather<float>>, kernel<gather<double>>, kernel<gather<std::int32_t>>}},
    {"scatter_sum", {kernel<scatter<float, SegmentSum<float>>>, kernel<scatter<double, SegmentSum<double>>>}},
    {"scatter_mean", {kernel<scatter<float, SegmentMean<float>>>, kernel<scatter<double, SegmentMean<double>>>}},
    {"scatter_max", {kernel<scatter<float, SegmentMax<float>>>, kernel<scatter<double, SegmentMax<double>>>}},
};

}  // namespace

std::span<const Kernel> segment_kernels() { return table; }

}  // namespace tapegrad::simd
