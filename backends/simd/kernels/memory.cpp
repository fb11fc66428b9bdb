// What moves elements without computing: fill, strided_copy, cast.
#include <cmath>
#include <limits>
#include <type_traits>

#include "backends/simd/kernels/kernels.hpp"

namespace tapegrad::simd {
namespace {

/// x as a To. A real becomes an integer towards zero, the nearest one there is, and 0 for NaN: where it is out of
/// range, a bare cast would be undefined.
template <class To, class From>
To convert(From x) {
    if constexpr (std::is_integral_v<To> && std::is_floating_point_v<From>) {
        using Limits = std::numeric_limits<To>;
        const double number = x == x ? static_cast<double>(x) : 0.0;
        return static_cast<To>(std::min<double>(std::max<double>(number, Limits::min()), Limits::max()));
    } else {
        return static_cast<To>(x);
    }
}

template <class T>
void fill(const tg_context& context, const tg_call& call) {
    T* const y = output<T>(call);
    const T value = convert<T>(call.reals[0]);
    parallel_for_elements(context, call.outputs[0].size, 1,
                          [&](std::int64_t begin, std::int64_t end) { std::fill(y + begin, y + end, value); });
}

template <class To, class From>
void cast_from(const tg_context& context, const tg_call& call) {
    const From* const x = input<From>(call, 0);
    To* const y = output<To>(call);
    parallel_for_elements(context, call.outputs[0].size, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) y[i] = convert<To>(x[i]);
    });
}

template <class To>
void cast(const tg_context& context, const tg_call& call) {
    switch (call.inputs[0].dtype) {
        case TG_F32:
            return cast_from<To, float>(context, call);
        case TG_F64:
            return cast_from<To, double>(context, call);
        default:
            return cast_from<To, std::int32_t>(context, call);
    }
}

constexpr std::int64_t tile = 16;

/// The last two dimensions of a copy: `rows` rows of `columns` elements each.
template <class T>
struct Plane {
    std::int64_t rows, columns;
    const T* x;
    std::int64_t x_row_stride, x_stride;
    T* y;
    std::int64_t y_row_stride, y_stride;
};

template <class T>
void copy_row(const T* x, std::int64_t x_stride, T* y, std::int64_t y_stride, std::int64_t count) {
    if (y_stride == 1 && x_stride == 1) {
        if (count > 64)
            std::memcpy(y, x, static_cast<std::size_t>(count) * sizeof(T));
        else
            for (std::int64_t i = 0; i < count; ++i) y[i] = x[i];
    } else if (y_stride == 1 && x_stride == 0) {
        const T value = *x;
        for (std::int64_t i = 0; i < count; ++i) y[i] = value;
    } else {
        for (std::int64_t i = 0; i < count; ++i) y[i * y_stride] = x[i * x_stride];
    }
}

/// Four by four elements of a plane whose x lies in columns, and y in rows.
template <class T>
void transpose_block(const T* x, std::int64_t x_stride, T* y, std::int64_t y_row_stride) {
    if constexpr (sizeof(T) == 4) {
        __m128 line[4];
        for (int j = 0; j < 4; ++j) line[j] = _mm_loadu_ps(reinterpret_cast<const float*>(x + j * x_stride));
        _MM_TRANSPOSE4_PS(line[0], line[1], line[2], line[3]);
        for (int i = 0; i < 4; ++i) _mm_storeu_ps(reinterpret_cast<float*>(y + i * y_row_stride), line[i]);
    } else {
        for (int i = 0; i < 4; ++i)
            for (int j = 0; j < 4; ++j) y[i * y_row_stride + j] = x[i + j * x_stride];
    }
}

/// A tile of such a plane, small enough that its cache lines stay until all of their elements are used.
template <class T>
void transpose_tile(const T* x, std::int64_t x_stride, T* y, std::int64_t y_row_stride, std::int64_t rows,
                    std::int64_t columns) {
    const std::int64_t whole_rows = rows / 4 * 4, whole_columns = columns / 4 * 4;
    for (std::int64_t j = 0; j < whole_columns; j += 4)
        for (std::int64_t i = 0; i < whole_rows; i += 4)
            transpose_block(x + i + j * x_stride, x_stride, y + i * y_row_stride + j, y_row_stride);
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = i < whole_rows ? whole_columns : 0; j < columns; ++j)
            y[i * y_row_stride + j] = x[i + j * x_stride];
}

template <class T>
void copy_plane(const Plane<T>& plane) {
    if (plane.x_row_stride == 1 && plane.y_stride == 1 && plane.x_stride > 1) {
        for (std::int64_t row = 0; row < plane.rows; row += tile)
            for (std::int64_t column = 0; column < plane.columns; column += tile)
                transpose_tile(plane.x + row + column * plane.x_stride, plane.x_stride,
                               plane.y + row * plane.y_row_stride + column, plane.y_row_stride,
                               std::min(tile, plane.rows - row), std::min(tile, plane.columns - column));
        return;
    }
    for (std::int64_t row = 0; row < plane.rows; ++row)
        copy_row(plane.x + row * plane.x_row_stride, plane.x_stride, plane.y + row * plane.y_row_stride, plane.y_stride,
                 plane.columns);
}

/// The integers of a strided_copy: rank, dims..., x_offset, x_strides..., y_offset, y_strides...
struct Layout {
    explicit Layout(const tg_call& call)
        : rank(call.integers[0]),
          dims(call.integers + 1),
          x_offset(dims[rank]),
          x_strides(dims + rank + 1),
          y_offset(x_strides[rank]),
          y_strides(x_strides + rank + 1) {}

    /// The dimension that is `back` from the end; missing ones have one element.
    std::int64_t dim(std::int64_t back) const { return back <= rank ? dims[rank - back] : 1; }
    std::int64_t x_stride(std::int64_t back) const { return back <= rank ? x_strides[rank - back] : 0; }
    std::int64_t y_stride(std::int64_t back) const { return back <= rank ? y_strides[rank - back] : 0; }

    std::int64_t rank;
    const std::int64_t* dims;
    std::int64_t x_offset;
    const std::int64_t* x_strides;
    std::int64_t y_offset;
    const std::int64_t* y_strides;
};

template <class T>
void copy_rows(const Layout& layout, const T* x, T* y, std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end;) {
        std::int64_t rest = row / layout.dim(2), x_at = layout.x_offset, y_at = layout.y_offset;
        for (std::int64_t back = 3; back <= layout.rank; rest /= layout.dim(back), ++back) {
            x_at += rest % layout.dim(back) * layout.x_stride(back);
            y_at += rest % layout.dim(back) * layout.y_stride(back);
        }
        const std::int64_t first = row % layout.dim(2), rows = std::min(layout.dim(2) - first, end - row);
        copy_plane<T>({rows, layout.dim(1), x + x_at + first * layout.x_stride(2), layout.x_stride(2),
                       layout.x_stride(1), y + y_at + first * layout.y_stride(2), layout.y_stride(2),
                       layout.y_stride(1)});
        row += rows;
    }
}

/// For any type of that size: a copy does not look at what it copies.
template <class T>
void strided_copy(const tg_context& context, const tg_call& call) {
    const Layout layout(call);
    std::int64_t rows = 1;
    for (std::int64_t back = 2; back <= layout.rank; ++back) rows *= layout.dim(back);
    if (rows == 0 || layout.dim(1) == 0) return;
    if (layout.rank == 1 && layout.x_stride(1) == 1 && layout.y_stride(1) == 1)
        return parallel_for_elements(context, layout.dim(1), 1, [&](std::int64_t begin, std::int64_t end) {
            std::memcpy(output<T>(call) + layout.y_offset + begin, input<T>(call, 0) + layout.x_offset + begin,
                        static_cast<std::size_t>(end - begin) * sizeof(T));
        });
    parallel_for(context, rows, layout.dim(1), [&](std::int64_t begin, std::int64_t end) {
        copy_rows(layout, input<T>(call, 0), output<T>(call), begin, end);
    });
}

constexpr tg_kernel copy_4_bytes = kernel<strided_copy<std::uint32_t>>;
constexpr tg_kernel copy_8_bytes = kernel<strided_copy<std::uint64_t>>;

constexpr Kernel table[] = {
    {"fill", {kernel<fill<float>>, kernel<fill<double>>, kernel<fill<std::int32_t>>}},
    {"strided_copy", {copy_4_bytes, copy_8_bytes, copy_4_bytes}},
    {"cast", {kernel<cast<float>>, kernel<cast<double>>, kernel<cast<std::int32_t>>}},
};

}  // namespace

std::span<const Kernel> memory_kernels() { return table; }

}  // namespace tapegrad::simd
