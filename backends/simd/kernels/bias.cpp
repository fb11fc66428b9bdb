// add_bias: one vector added to every row.
#include "backends/simd/kernels/kernels.hpp"

namespace tapegrad::simd {
namespace {

/// y[i] = x[i] + bias[i % width], whole vectors whatever the width: `repeated` goes on with the bias behind its end.
template <class T>
void add_range(const T* x, const T* repeated, std::int64_t width, T* y, std::int64_t begin, std::int64_t end) {
    const std::int64_t step = lanes<T> % width;
    std::int64_t at = begin % width, i = begin;
    for (; i + lanes<T> <= end; i += lanes<T>) {
        (load(x + i) + load(repeated + at)).store_unaligned(y + i);
        at += step;
        at -= at >= width ? width : 0;
    }
    if (i < end) store_first(y + i, load(x + i) + load(repeated + at), end - i);
}

template <class T>
int add_bias(tg_context* context, tg_call* call) noexcept {
    const std::int64_t size = call->outputs[0].size, width = call->inputs[1].size;
    if (size == 0) return TG_OK;
    if (lacks_workspace<T>(call, width + lanes<T>)) return TG_NEEDS_WORKSPACE;
    T* const repeated = workspace<T>(*call);
    for (std::int64_t i = 0; i < width + lanes<T>; ++i)
        repeated[i] = i < width ? input<T>(*call, 1)[i] : repeated[i - width];
    parallel_for_elements(*context, size, 1, [&](std::int64_t begin, std::int64_t end) {
        add_range(input<T>(*call, 0), repeated, width, output<T>(*call), begin, end);
    });
    return TG_OK;
}

constexpr Kernel table[] = {{"add_bias", {add_bias<float>, add_bias<double>}}};

}  // namespace

std::span<const Kernel> bias_kernels() { return table; }

}  // namespace tapegrad::simd
