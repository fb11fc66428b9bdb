// What moves elements without computing: fill, strided_copy, cast.
#include <cmath>
#include <limits>
#include <stdexcept>
#include <type_traits>

#include "backends/reference/kernels.hpp"

namespace tapegrad::reference {
namespace {

/// x as a To. A real becomes an integer towards zero, the nearest one there is, and 0 for NaN: where it is out of
/// range, a bare cast would be undefined.
template <class To, class From>
To convert(From x) {
    if constexpr (std::is_integral_v<To> && std::is_floating_point_v<From>) {
        using Limits = std::numeric_limits<To>;
        return std::isnan(x) ? 0 : static_cast<To>(std::clamp<double>(x, Limits::min(), Limits::max()));
    } else {
        return static_cast<To>(x);
    }
}

template <class T>
void fill(const tg_call& call) {
    view<T>(call.outputs[0]).fill(convert<T>(call.reals[0]));
}

template <class To, class From>
void cast_from(const tg_call& call) {
    const auto x = view<From>(call.inputs[0]);
    std::transform(x.begin(), x.end(), static_cast<To*>(call.outputs[0].data), convert<To, From>);
}

template <class To>
void cast(const tg_call& call) {
    switch (call.inputs[0].dtype) {
        case TG_F32:
            return cast_from<To, float>(call);
        case TG_F64:
            return cast_from<To, double>(call);
        case TG_I32:
            return cast_from<To, std::int32_t>(call);
        default:
            throw std::invalid_argument("cast: the input has an unknown dtype");
    }
}

/// Copies a block of these dimensions, the outermost first.
template <class T>
void copy_block(std::span<const std::int64_t> dims, const T* x, const std::int64_t* x_strides, T* y,
                const std::int64_t* y_strides) {
    if (dims.empty()) {
        *y = *x;
        return;
    }
    const auto [count, x_stride, y_stride] = std::array{dims[0], x_strides[0], y_strides[0]};
    if (dims.size() > 1) {
        for (std::int64_t i = 0; i < count; ++i)
            copy_block(dims.subspan(1), x + i * x_stride, x_strides + 1, y + i * y_stride, y_strides + 1);
    } else if (x_stride == 1 && y_stride == 1) {
        std::copy_n(x, count, y);
    } else if (x_stride == 0 && y_stride == 1) {
        std::fill_n(y, count, *x);
    } else {
        for (std::int64_t i = 0; i < count; ++i) y[i * y_stride] = x[i * x_stride];
    }
}

template <class T>
void strided_copy(const tg_call& call) {
    const std::int64_t rank = call.integers[0];
    const std::int64_t* dims = call.integers + 1;
    const std::int64_t* x_layout = dims + rank;
    const std::int64_t* y_layout = x_layout + 1 + rank;
    copy_block({dims, static_cast<std::size_t>(rank)}, static_cast<const T*>(call.inputs[0].data) + x_layout[0],
               x_layout + 1, static_cast<T*>(call.outputs[0].data) + y_layout[0], y_layout + 1);
}

constexpr Kernel table[] = {
    {"fill", {kernel<fill<float>>, kernel<fill<double>>, kernel<fill<std::int32_t>>}},
    {"strided_copy", {kernel<strided_copy<float>>, kernel<strided_copy<double>>, kernel<strided_copy<std::int32_t>>}},
    {"cast", {kernel<cast<float>>, kernel<cast<double>>, kernel<cast<std::int32_t>>}},
};

}  // namespace

std::span<const Kernel> memory_kernels() { return table; }

}  // namespace tapegrad::reference
