// y[b] = a[b] b[b]; either factor may lie transposed. cuBLAS computes it where it is installed (blas.hpp); this kernel
// does where it is not. A block computes a square tile of y, for which it brings tiles of a and b into shared memory:
// each of their elements is then read from there `tile` times, and once from memory.
#include "backends/cuda/blas.hpp"
#include "backends/cuda/kernels.cuh"

namespace tapegrad::cuda {
namespace {

constexpr int tile = 16;

template <class T>
struct Product {
    const T *a, *b;
    T* y;
    std::int64_t rows, terms, columns;  ///< [M, K] x [K, N]
    bool transpose_a, transpose_b;
    std::int64_t tiles_down, tiles_across;

    __device__ T a_at(std::int64_t i, std::int64_t k) const {
        if (i >= rows || k >= terms) return T(0);
        return transpose_a ? a[k * rows + i] : a[i * terms + k];
    }
    __device__ T b_at(std::int64_t k, std::int64_t j) const {
        if (k >= terms || j >= columns) return T(0);
        return transpose_b ? b[j * terms + k] : b[k * columns + j];
    }
};

template <class T>
__global__ void multiply_tiles(Product<T> product) {
    const std::int64_t tiles = product.tiles_down * product.tiles_across, at = blockIdx.x % tiles;
    const std::int64_t batch = blockIdx.x / tiles;
    const std::int64_t first_row = at / product.tiles_across * tile, first_column = at % product.tiles_across * tile;
    product.a += batch * product.rows * product.terms;
    product.b += batch * product.terms * product.columns;
    product.y += batch * product.rows * product.columns;

    T* const of_a = shared_array<T>();  // [tile, tile + 1]: a column of it touches every bank of the memory once
    T* const of_b = of_a + tile * (tile + 1);
    const int row = static_cast<int>(threadIdx.x) / tile, column = static_cast<int>(threadIdx.x) % tile;
    T sum = 0;
    for (std::int64_t k = 0; k < product.terms; k += tile) {
        // Neighbouring threads read neighbouring elements, whichever way a factor lies.
        if (product.transpose_a)
            of_a[column * (tile + 1) + row] = product.a_at(first_row + column, k + row);
        else
            of_a[row * (tile + 1) + column] = product.a_at(first_row + row, k + column);
        if (product.transpose_b)
            of_b[column * (tile + 1) + row] = product.b_at(k + column, first_column + row);
        else
            of_b[row * (tile + 1) + column] = product.b_at(k + row, first_column + column);
        __syncthreads();
        T part = 0;  // a sum of sums: its rounding grows with the number of tiles, not of terms
        for (int t = 0; t < tile && k + t < product.terms; ++t)
            part = fma(of_a[row * (tile + 1) + t], of_b[t * (tile + 1) + column], part);
        sum += part;
        __syncthreads();
    }
    const std::int64_t i = first_row + row, j = first_column + column;
    if (i < product.rows && j < product.columns) product.y[i * product.columns + j] = sum;
}

template <class T>
int matmul(tg_context& context, tg_call& call) {
    const std::int64_t *const y_shape = call.outputs[0].shape, *const a_shape = call.inputs[0].shape;
    const bool transpose_a = call.integers[0] != 0, transpose_b = call.integers[1] != 0;
    const std::int64_t batches = y_shape[0], rows = y_shape[1], columns = y_shape[2];
    const std::int64_t terms = a_shape[transpose_a ? 1 : 2];
    if (call.outputs[0].size == 0) return TG_OK;
    if (context.blas != nullptr && terms > 0)
        return context.blas->multiply(context, call, {batches, rows, terms, columns, transpose_a, transpose_b});
    const Product<T> product = {
        input<T>(call, 0), input<T>(call, 1),     output<T>(call),         rows, terms, columns, transpose_a,
        transpose_b,       divide_up(rows, tile), divide_up(columns, tile)};
    const Grid grid = {batches * product.tiles_down * product.tiles_across, tile * tile,
                       2 * tile * (tile + 1) * sizeof(T)};
    return launch(context, "matmul", multiply_tiles<T>, grid, product);
}

constexpr Kernel table[] = {{"matmul", {kernel<matmul<float>>, kernel<matmul<double>>}}};

}  // namespace

std::span<const Kernel> matmul_kernels() { return table; }

}  // namespace tapegrad::cuda
