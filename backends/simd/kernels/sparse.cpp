// spmm: sparse times dense, one row of the result after the other. Its gradient for the dense side is the same product
// with the transposed pattern.
#include "backends/simd/kernels/segments.hpp"

namespace tapegrad::simd {
namespace {

/// The stored entries of a row that are not 0: dropout leaves less than half of them.
template <class T>
struct Nonzeros {
    static constexpr std::int64_t most = 256;
    T value[most + 1];
    std::int64_t column[most + 1];
    std::int64_t count = 0;

    void push(T v, std::int64_t c) {
        value[count] = v;
        column[count] = c;
        count += v != 0;  // no branch: whether an entry was dropped cannot be predicted
    }
};

/// y += the nonzeros times the rows of b, in columns of `vectors` vectors from `first` on.
template <class T, int vectors>
void add_products(const Nonzeros<T>& entries, const T* b, std::int64_t width, std::int64_t first, T* y) {
    Batch<T> sum[vectors];
    for (int v = 0; v < vectors; ++v) sum[v] = Batch<T>::load_unaligned(y + first + v * lanes<T>);
    for (std::int64_t p = 0; p < entries.count; ++p) {
        const T* const row = b + entries.column[p] * width + first;
        const Batch<T> value(entries.value[p]);
        for (int v = 0; v < vectors; ++v)
            sum[v] = xsimd::fma(value, Batch<T>::load_unaligned(row + v * lanes<T>), sum[v]);
    }
    for (int v = 0; v < vectors; ++v) sum[v].store_unaligned(y + first + v * lanes<T>);
}

template <class T>
void add_all_products(const Nonzeros<T>& entries, const T* b, std::int64_t width, T* y) {
    std::int64_t first = 0;
    for (; first + 4 * lanes<T> <= width; first += 4 * lanes<T>) add_products<T, 4>(entries, b, width, first, y);
    for (; first + lanes<T> <= width; first += lanes<T>) add_products<T, 1>(entries, b, width, first, y);
    for (std::int64_t p = 0; first < width && p < entries.count; ++p)
        for (std::int64_t k = first; k < width; ++k) y[k] += entries.value[p] * b[entries.column[p] * width + k];
}

template <class T>
void spmm(const tg_context& context, const tg_call& call) {
    const T *const values = input<T>(call, 0), *const b = input<T>(call, 1);
    const Segments rows(call, 3);
    const auto* const column_index = input<std::int32_t>(call, 5);
    const std::int64_t width = call.outputs[0].shape[1];
    for_each_segment(context, rows, width, [&](std::int64_t i) {
        T* const y = output<T>(call) + i * width;
        std::fill_n(y, width, T(0));
        Nonzeros<T> entries;
        for (const std::int32_t e : rows.order_of(i)) {
            entries.push(values[e], column_index[e]);
            if (entries.count < Nonzeros<T>::most) continue;
            add_all_products(entries, b, width, y);
            entries.count = 0;
        }
        add_all_products(entries, b, width, y);
    });
}

constexpr Kernel table[] = {{"spmm", {kernel<spmm<float>>, kernel<spmm<double>>}}};

}  // namespace

std::span<const Kernel> sparse_kernels() { return table; }

}  // namespace tapegrad::simd
