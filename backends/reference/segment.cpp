// Rows picked by an index, and rows reduced by the segment they belong to.
#include <cmath>
#include <limits>
#include <vector>

#include "backends/reference/kernels.hpp"

namespace tapegrad::reference {
namespace {

/// y[e] = x[index[e]]
template <class T>
void gather(const tg_call& call) {
    const auto* x = static_cast<const T*>(call.inputs[0].data);
    const auto index = view<std::int32_t>(call.inputs[1]);
    auto* y = static_cast<T*>(call.outputs[0].data);
    const std::int64_t width = call.outputs[0].shape[1];
    for (std::size_t e = 0; e < index.size(); ++e, y += width) std::copy_n(x + index(e) * width, width, y);
}

/// y[s] = finish(combine(... combine(start, x[order[offsets[s]]]) ..., x[order[offsets[s + 1] - 1]])), in double.
template <class T>
void scatter(const tg_call& call, double start, auto combine, auto finish) {
    const auto* x = static_cast<const T*>(call.inputs[0].data);
    const auto order = view<std::int32_t>(call.inputs[2]);
    const auto offsets = view<std::int32_t>(call.inputs[3]);
    auto* y = static_cast<T*>(call.outputs[0].data);
    const std::int64_t segments = call.outputs[0].shape[0];
    const std::int64_t width = call.outputs[0].shape[1];

    std::vector<double> reduced(static_cast<std::size_t>(width));
    for (std::int64_t s = 0; s < segments; ++s, y += width) {
        std::fill(reduced.begin(), reduced.end(), start);
        for (std::int32_t p = offsets(s); p < offsets(s + 1); ++p)
            std::transform(reduced.begin(), reduced.end(), x + order(p) * width, reduced.begin(), combine);
        std::transform(reduced.begin(), reduced.end(), y, finish);
    }
}

template <class T>
void scatter_sum(const tg_call& call) {
    scatter<T>(
        call, 0.0, [](double sum, T x) { return sum + x; }, [](double sum) { return static_cast<T>(sum); });
}

template <class T>
void scatter_max(const tg_call& call) {
    constexpr double lowest = -std::numeric_limits<double>::infinity();
    scatter<T>(
        call, lowest, [](double largest, T x) { return largest > x || std::isnan(largest) ? largest : x; },
        [](double largest) { return largest == lowest ? T(0) : static_cast<T>(largest); });
}

constexpr Kernel table[] = {
    {"gather", {kernel<gather<float>>, kernel<gather<double>>, kernel<gather<std::int32_t>>}},
    {"scatter_sum", {kernel<scatter_sum<float>>, kernel<scatter_sum<double>>}},
    {"scatter_max", {kernel<scatter_max<float>>, kernel<scatter_max<double>>}},
};

}  // namespace

std::span<const Kernel> segment_kernels() { return table; }

}  // namespace tapegrad::reference
