// What moves elements without computing: fill, strided_copy, cast.
#include <limits>
#include <string>
#include <type_traits>

#include "backends/cuda/kernels.cuh"

namespace tapegrad::cuda {
namespace {

/// x as a To. A real becomes an integer towards zero, the nearest one there is, and 0 for NaN.
template <class To, class From>
__host__ __device__ To convert(From x) {
    if constexpr (std::is_integral_v<To> && std::is_floating_point_v<From>) {
        constexpr double lowest = std::numeric_limits<To>::min(), highest = std::numeric_limits<To>::max();
        const double number = x == x ? static_cast<double>(x) : 0.0;
        return static_cast<To>(number < lowest ? lowest : number > highest ? highest : number);
    } else {
        return static_cast<To>(x);
    }
}

template <class T>
__global__ void fill_with(T* y, std::int64_t size, T value) {
    const std::int64_t i = thread_index();
    if (i < size) y[i] = value;
}
template <class T>
int fill(tg_context& context, tg_call& call) {
    const std::int64_t size = call.outputs[0].size;
    return launch(context, "fill", fill_with<T>, one_thread_each(size), output<T>(call), size,
                  convert<T>(call.reals[0]));
}

template <class To, class From>
__global__ void convert_all(const From* x, To* y, std::int64_t size) {
    const std::int64_t i = thread_index();
    if (i < size) y[i] = convert<To>(x[i]);
}
template <class To, class From>
int cast_from(tg_context& context, const tg_call& call) {
    const std::int64_t size = call.outputs[0].size;
    return launch(context, "cast", convert_all<To, From>, one_thread_each(size), input<From>(call, 0), output<To>(call),
                  size);
}
template <class To>
int cast(tg_context& context, tg_call& call) {
    switch (call.inputs[0].dtype) {
        case TG_F32:
            return cast_from<To, float>(context, call);
        case TG_F64:
            return cast_from<To, double>(context, call);
        default:
            return cast_from<To, std::int32_t>(context, call);
    }
}

constexpr int most_dimensions = 8;

/// Sizes and strides, the last dimension first.
struct Layout {
    int rank;
    std::int64_t sizes[most_dimensions], x_strides[most_dimensions], y_strides[most_dimensions];
};

template <class T>
__global__ void copy_elements(const T* x, T* y, Layout layout, std::int64_t size) {
    std::int64_t rest = thread_index();
    if (rest >= size) return;
    for (int d = 0; d < layout.rank; ++d) {
        const std::int64_t k = rest % layout.sizes[d];
        rest /= layout.sizes[d];
        x += k * layout.x_strides[d];
        y += k * layout.y_strides[d];
    }
    *y = *x;
}

template <class T>
int strided_copy(tg_context& context, tg_call& call) {
    const auto rank = static_cast<int>(call.integers[0]);
    if (rank > most_dimensions)
        return context.fail("cuda: strided_copy has " + std::to_string(rank) + " dimensions, it takes at most " +
                            std::to_string(most_dimensions));
    const std::int64_t* const sizes = call.integers + 1;
    const std::int64_t *const of_x = sizes + rank, *const of_y = of_x + rank + 1;  // an offset, then the strides
    Layout layout = {.rank = rank};
    std::int64_t size = 1;
    for (int d = 0; d < rank; ++d) {
        const int from = rank - 1 - d;
        layout.sizes[d] = sizes[from];
        layout.x_strides[d] = of_x[1 + from];
        layout.y_strides[d] = of_y[1 + from];
        size *= sizes[from];
    }
    return launch(context, "strided_copy", copy_elements<T>, one_thread_each(size), input<T>(call, 0) + *of_x,
                  output<T>(call) + *of_y, layout, size);
}

constexpr Kernel table[] = {
    {"fill", {kernel<fill<float>>, kernel<fill<double>>, kernel<fill<std::int32_t>>}},
    {"strided_copy", {kernel<strided_copy<float>>, kernel<strided_copy<double>>, kernel<strided_copy<std::int32_t>>}},
    {"cast", {kernel<cast<float>>, kernel<cast<double>>, kernel<cast<std::int32_t>>}},
};

}  // namespace

std::span<const Kernel> memory_kernels() { return table; }

}  // namespace tapegrad::cuda
