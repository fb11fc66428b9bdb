// spmm: sparse times dense, one row of the result after the other. Its gradient for the dense side is the same product
// with the transposed pattern.
#include <bit>

#include "backends/simd/kernels/segments.hpp"

namespace tapegrad::simd {
namespace {

/// Some entries of a row whose value is not 0: dropout leaves less than half of them.
template <class T>
struct Nonzeros {
    static constexpr std::size_t most = summed_at_once;
    T value[most];
    std::int32_t column[most];
    std::int64_t count;
};

template <class T>
void collect(const T* values, const std::int32_t* column_index, std::span<const std::int32_t> entries,
             Nonzeros<T>& nonzeros) {
    using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    std::int64_t count = 0;
    for (const std::int32_t e : entries) {
        nonzeros.value[count] = values[e];
        nonzeros.column[count] = column_index[e];
        // No branch: whether an entry was dropped cannot be predicted. Of a zero, all bits but the sign's are 0.
        count += std::bit_cast<Bits>(values[e]) << 1 != 0;
    }
    nonzeros.count = count;
}

/// y += the nonzeros times the rows of b, in columns of `vectors` vectors from `first` on as long as they fit; returns
/// the first column that is left.
template <int vectors, class T>
std::int64_t add_products(const Nonzeros<T>& nonzeros, const T* b, std::int64_t width, std::int64_t first, T* y) {
    for (; first + vectors * lanes<T> <= width; first += vectors * lanes<T>) {
        Batch<T> sum[vectors];
        for (Batch<T>& s : sum) s = Batch<T>(T(0));
        for (std::int64_t p = 0; p < nonzeros.count; ++p) {
            const T* const row = b + nonzeros.column[p] * width + first;
            const Batch<T> value(nonzeros.value[p]);
            for (int v = 0; v < vectors; ++v) sum[v] = xsimd::fma(value, load(row + v * lanes<T>), sum[v]);
        }
        for (int v = 0; v < vectors; ++v)
            (load(y + first + v * lanes<T>) + sum[v]).store_unaligned(y + first + v * lanes<T>);
    }
    return first;
}

template <class T>
void add_all_products(const Nonzeros<T>& nonzeros, const T* b, std::int64_t width, T* y) {
    std::int64_t first = add_products<8>(nonzeros, b, width, 0, y);
    first = add_products<4>(nonzeros, b, width, first, y);
    first = add_products<1>(nonzeros, b, width, first, y);
    if (first == width) return;
    Batch<T> sum(T(0));
    for (std::int64_t p = 0; p < nonzeros.count; ++p)
        sum = xsimd::fma(Batch<T>(nonzeros.value[p]), load(b + nonzeros.column[p] * width + first), sum);
    store_first(y + first, load(y + first) + sum, width - first);
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
        std::span<const std::int32_t> entries = rows.order_of(i);
        Nonzeros<T> nonzeros;
        while (!entries.empty()) {
            const std::size_t some = std::min(entries.size(), Nonzeros<T>::most);
            collect(values, column_index, entries.first(some), nonzeros);
            add_all_products(nonzeros, b, width, y);
            entries = entries.subspan(some);
        }
    });
}

constexpr Kernel table[] = {{"spmm", {kernel<spmm<float>>, kernel<spmm<double>>}}};

}  // namespace

std::span<const Kernel> sparse_kernels() { return table; }

}  // namespace tapegrad::simd
