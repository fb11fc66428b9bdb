// scatter_softmax: a softmax over the entries of each segment.
#include "backends/simd/kernels/segments.hpp"
#include "backends/simd/kernels/softmax.hpp"

namespace tapegrad::simd {
namespace {

/// One vector of columns, of which `used` count.
template <class T>
void compute_columns(const T* x, std::span<const std::int32_t> entries, std::int64_t width, T* y, std::int64_t used) {
    Batch<T> largest(-std::numeric_limits<T>::infinity());
    for (const std::int32_t e : entries) largest = larger(largest, load(x + e * width));
    // Of a segment that is all -inf, the largest counts as 0, as scatter_max has it, and its sum as 1: it becomes 0.
    const Batch<T> shift =
        xsimd::select(largest == Batch<T>(-std::numeric_limits<T>::infinity()), Batch<T>(0), largest);
    LaneSums<T> sums;
    for (const std::int32_t e : entries) {
        const Batch<T> exponentials = exponential(load(x + e * width) - shift);
        sums.add(exponentials);
        store_first(y + e * width, exponentials, used);
    }
    const Batch<T> sum = sums.in_lanes(), divisor = xsimd::select(sum == Batch<T>(0), Batch<T>(1), sum);
    for (const std::int32_t e : entries) store_first(y + e * width, load(y + e * width) / divisor, used);
}

template <class T>
void scatter_softmax(const tg_context& context, const tg_call& call) {
    const Segments segments(call, 2);
    const std::int64_t width = elements_of_row(call.outputs[0]);
    for_each_segment(context, segments, 4 * width + 16, [&](std::int64_t segment) {
        for (std::int64_t column = 0; column < width; column += lanes<T>)
            compute_columns(input<T>(call, 0) + column, segments.order_of(segment), width, output<T>(call) + column,
                            std::min(lanes<T>, width - column));
    });
}

constexpr Kernel table[] = {{"scatter_softmax", {kernel<scatter_softmax<float>>, kernel<scatter_softmax<double>>}}};

}  // namespace

std::span<const Kernel> segment_softmax_kernels() { return table; }

}  // namespace tapegrad::simd
