// y[b] = a[b] b[b], either factor as stored or transposed.
#include <limits>

#include "backends/simd/kernels/rows.hpp"

namespace tapegrad::simd {
namespace {

/// A matrix whose element (i, j) is data[i * row_stride + j * column_stride].
template <class T>
struct Strided {
    const T* data;
    std::int64_t row_stride, column_stride;
};

/// y = a b for some rows and vectors of columns, one sum a lane; b lies in rows, and y too.
template <class T, class Vector, int rows, int vectors>
void multiply_tile(const Strided<T>& a, const T* b, std::int64_t b_stride, std::int64_t terms, T* y,
                   std::int64_t y_stride, std::int64_t columns) {
    constexpr auto width = static_cast<std::int64_t>(Vector::size);
    Vector sums[rows][vectors];
    for (auto& row : sums)
        for (Vector& sum : row) sum = Vector(T(0));
    for (std::int64_t k = 0; k < terms; ++k) {
        Vector b_row[vectors];
        for (int v = 0; v < vectors; ++v) b_row[v] = Vector::load_unaligned(b + k * b_stride + v * width);
        for (int i = 0; i < rows; ++i) {
            const Vector factor(a.data[i * a.row_stride + k * a.column_stride]);
            for (int v = 0; v < vectors; ++v) sums[i][v] = xsimd::fma(factor, b_row[v], sums[i][v]);
        }
    }
    for (int i = 0; i < rows; ++i)
        for (int v = 0; v < vectors; ++v)
            if (columns > v * width) store_first(y + i * y_stride + v * width, sums[i][v], columns - v * width);
}

/// All rows of the tiles of one width.
template <class T, class Vector, int vectors>
void multiply_columns(Strided<T> a, const T* b, std::int64_t b_stride, std::int64_t rows, std::int64_t terms, T* y,
                      std::int64_t y_stride, std::int64_t columns) {
    constexpr int tile = vectors == 1 ? 8 : 4;
    std::int64_t i = 0;
    for (; i + tile <= rows; i += tile)
        multiply_tile<T, Vector, tile, vectors>({a.data + i * a.row_stride, a.row_stride, a.column_stride}, b, b_stride,
                                                terms, y + i * y_stride, y_stride, columns);
    for (; i < rows; ++i)
        multiply_tile<T, Vector, 1, vectors>({a.data + i * a.row_stride, a.row_stride, a.column_stride}, b, b_stride,
                                             terms, y + i * y_stride, y_stride, columns);
}

template <class T>
void multiply_rows(const Strided<T>& a, const T* b, std::int64_t b_stride, std::int64_t rows, std::int64_t terms, T* y,
                   std::int64_t y_stride, std::int64_t columns) {
    for (std::int64_t j = 0; j < columns;) {
        const std::int64_t left = columns - j;
        if (left > 3 * lanes<T>) {
            multiply_columns<T, Batch<T>, 4>(a, b + j, b_stride, rows, terms, y + j, y_stride, left);
            j += 4 * lanes<T>;
        } else if (left > lanes<T>) {
            multiply_columns<T, Batch<T>, 2>(a, b + j, b_stride, rows, terms, y + j, y_stride, left);
            j += 2 * lanes<T>;
        } else if (left > row_lanes<T>) {
            multiply_columns<T, Batch<T>, 1>(a, b + j, b_stride, rows, terms, y + j, y_stride, left);
            j += lanes<T>;
        } else {
            multiply_columns<T, RowBatch<T>, 1>(a, b + j, b_stride, rows, terms, y + j, y_stride, left);
            j += row_lanes<T>;
        }
    }
}

/// Sums of fewer terms than this, or products narrower, are quicker without BLAS.
constexpr std::int64_t narrow = 16;

/// How one call is cut. Nothing here depends on the number of threads, so neither do the bits of the result.
template <class T>
struct Plan {
    Plan(const tg_context& context, const tg_call& call)
        : batch(call.outputs[0].shape[0]),
          m(call.outputs[0].shape[1]),
          n(call.outputs[0].shape[2]),
          transpose_a(call.integers[0] != 0),
          transpose_b(call.integers[1] != 0),
          k(call.inputs[0].shape[transpose_a ? 1 : 2]) {
        constexpr std::int64_t largest = std::numeric_limits<int>::max();
        blas = context.blas != nullptr && std::max({m, n, k}) <= largest && std::min({m, n, k}) > narrow;
        transpose_y = !blas && transpose_a && !transpose_b && n < m;
        if (transpose_y) std::swap(m, n);
        packs_b = !blas && !transpose_y && transpose_b;
        row_block = blas ? (m < 4096 ? 256 : 512) : 64;
        // A long sum with a small result leaves no rows to share out: it is cut instead.
        if (k >= 1024 && m <= 512 && m * n <= 131072)
            chunk = std::max<std::int64_t>(512, divide_up(divide_up(k, 64), 64) * 64);
        else
            chunk = std::max<std::int64_t>(k, 1);
        chunks = std::max<std::int64_t>(1, divide_up(k, chunk));
    }

    bool has_partial_results() const { return chunks > 1 || transpose_y; }
    std::int64_t packed_size() const { return packs_b ? batch * k * n : 0; }
    std::int64_t partial_size() const { return has_partial_results() ? batch * chunks * m * n : 0; }

    std::int64_t batch, m, n;
    bool transpose_a, transpose_b;
    std::int64_t k;
    bool blas;
    bool transpose_y;  ///< computes y^T = b^T a, whose rows are longer; m and n are those of y^T
    bool packs_b;      ///< b^T is stored as b first
    std::int64_t row_block, chunk, chunks;
};

/// The rows and terms of one item of work.
struct Piece {
    std::int64_t batch, row, rows, term, terms;
};

void gemm(const Blas& blas, bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k,
          const auto* a, std::int64_t a_stride, const auto* b, std::int64_t b_stride, auto* y) {
    using T = std::remove_pointer_t<decltype(y)>;
    const auto flag = [](bool transposes) { return transposes ? Blas::transposed : Blas::as_stored; };
    const auto call = [&](auto function) {
        function(Blas::row_major, flag(transpose_a), flag(transpose_b), static_cast<int>(m), static_cast<int>(n),
                 static_cast<int>(k), T(1), a, static_cast<int>(a_stride), b, static_cast<int>(b_stride), T(0), y,
                 static_cast<int>(n));
    };
    if constexpr (std::is_same_v<T, float>)
        call(blas.sgemm);
    else
        call(blas.dgemm);
}

template <class T>
void multiply(const tg_context& context, const Plan<T>& plan, const T* a, const T* b, const T* packed, T* y,
              const Piece& piece) {
    a += piece.batch * plan.k * (plan.transpose_y ? plan.n : plan.m);
    b += piece.batch * plan.k * (plan.transpose_y ? plan.m : plan.n);
    if (plan.transpose_y)
        return multiply_rows<T>({b + piece.term * plan.m + piece.row, 1, plan.m}, a + piece.term * plan.n, plan.n,
                                piece.rows, piece.terms, y, plan.n, plan.n);
    const std::int64_t a_stride = plan.transpose_a ? plan.m : plan.k;
    const T* const a_piece =
        plan.transpose_a ? a + piece.term * plan.m + piece.row : a + piece.row * plan.k + piece.term;
    if (plan.blas) {
        const T* const b_piece = plan.transpose_b ? b + piece.term : b + piece.term * plan.n;
        return gemm(*context.blas, plan.transpose_a, plan.transpose_b, piece.rows, plan.n, piece.terms, a_piece,
                    a_stride, b_piece, plan.transpose_b ? plan.k : plan.n, y);
    }
    const T* const b_rows = plan.packs_b ? packed + piece.batch * plan.k * plan.n : b;
    const Strided<T> strided = plan.transpose_a ? Strided<T>{a_piece, 1, a_stride} : Strided<T>{a_piece, a_stride, 1};
    multiply_rows<T>(strided, b_rows + piece.term * plan.n, plan.n, piece.rows, piece.terms, y, plan.n, plan.n);
}

template <class T>
void pack(const tg_context& context, const Plan<T>& plan, const T* b, T* packed) {
    parallel_for(context, plan.batch * plan.k, plan.n * 2, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row)
            for (std::int64_t j = 0; j < plan.n; ++j)
                packed[row * plan.n + j] = b[(row / plan.k * plan.n + j) * plan.k + row % plan.k];
    });
}

template <class T>
void add_partial_results(const tg_context& context, const Plan<T>& plan, const T* partial, T* y) {
    const std::int64_t size = plan.m * plan.n;
    parallel_for(context, plan.batch * size, plan.chunks, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t item = begin; item < end; ++item) {
            const std::int64_t matrix = item / size, i = item % size;
            const std::int64_t from = plan.transpose_y ? i % plan.m * plan.n + i / plan.m : i;
            double sum = 0;
            for (std::int64_t chunk = 0; chunk < plan.chunks; ++chunk)
                sum += partial[(matrix * plan.chunks + chunk) * size + from];
            y[item] = static_cast<T>(sum);
        }
    });
}

template <class T>
int matmul(tg_context* context, tg_call* call) noexcept {
    const Plan<T> plan(*context, *call);
    if (lacks_workspace<T>(call, plan.packed_size() + plan.partial_size())) return TG_NEEDS_WORKSPACE;
    T* const packed = workspace<T>(*call);
    T* const partial = packed + plan.packed_size();
    if (plan.packs_b) pack(*context, plan, input<T>(*call, 1), packed);
    const std::int64_t blocks = divide_up(plan.m, plan.row_block), size = plan.m * plan.n;
    const std::int64_t cost = std::min(plan.m, plan.row_block) * plan.n * std::min(plan.k, plan.chunk) / lanes<T> + 1;
    parallel_for(*context, plan.batch * plan.chunks * blocks, cost, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t item = begin; item < end; ++item) {
            const std::int64_t part = item / blocks, row = item % blocks * plan.row_block;
            const std::int64_t term = part % plan.chunks * plan.chunk;
            const Piece piece{part / plan.chunks, row, std::min(plan.row_block, plan.m - row), term,
                              std::min(plan.chunk, plan.k - term)};
            T* const y = plan.has_partial_results() ? partial + part * size : output<T>(*call) + part * size;
            multiply(*context, plan, input<T>(*call, 0), input<T>(*call, 1), packed, y + row * plan.n, piece);
        }
    });
    if (plan.has_partial_results()) add_partial_results(*context, plan, partial, output<T>(*call));
    return TG_OK;
}

constexpr Kernel table[] = {{"matmul", {matmul<float>, matmul<double>}}};

}  // namespace

std::span<const Kernel> matmul_kernels() { return table; }

}  // namespace tapegrad::simd
