// Reductions of x[outer, reduced, inner] over its middle dimension. Their shape is fixed: blocks of rows or elements,
// whose partial results are combined in order.
#include <limits>

#include "backends/simd/kernels/kernels.hpp"

namespace tapegrad::simd {
namespace {

constexpr std::int64_t group = 8;           // vectors that are combined as a tree
constexpr std::int64_t row_block = 4096;    // elements of a row
constexpr std::int64_t column_block = 256;  // rows of columns
constexpr std::int64_t tile_vectors = 4;    // columns that are walked down together

/// Eight vectors are added in T, the rest in double: the error does not grow with the length.
template <class T>
struct Sum {
    using Partial = double;
    static constexpr T start = 0;
    static Batch<T> combine(const Batch<T>& a, const Batch<T>& b) { return a + b; }
    static double combine(double a, double b) { return a + b; }
    static T of_lanes(const Batch<T>& x) { return sum_of_lanes(x); }
    static constexpr double empty = 0;
};

template <class T>
struct Max {
    using Partial = T;
    static constexpr T start = -std::numeric_limits<T>::infinity();
    static Batch<T> combine(const Batch<T>& a, const Batch<T>& b) { return larger(a, b); }
    static T combine(T a, T b) { return larger(a, b); }
    static T of_lanes(const Batch<T>& x) { return largest_of_lanes(x); }
    static constexpr T empty = start;
};

/// `count` vectors, `stride` elements apart, as one: at most `group`.
template <class T, class Reduction>
Batch<T> combine_few(const T* x, std::int64_t stride, std::int64_t count) {
    Batch<T> result = load(x);
    for (std::int64_t i = 1; i < count; ++i) result = Reduction::combine(result, load(x + i * stride));
    return result;
}

template <class T, class Reduction>
Batch<T> combine_group(const T* x, std::int64_t stride) {
    const auto pair = [&](std::int64_t i) {
        return Reduction::combine(load(x + i * stride), load(x + (i + 1) * stride));
    };
    return Reduction::combine(Reduction::combine(pair(0), pair(2)), Reduction::combine(pair(4), pair(6)));
}

/// Adds a vector to the partial results of its lanes.
template <class T, class Reduction>
void gather_lanes(typename Reduction::Partial* partial, const Batch<T>& x) {
    alignas(64) T elements[lanes<T>];
    x.store_aligned(elements);
    for (std::int64_t i = 0; i < lanes<T>; ++i)
        partial[i] = Reduction::combine(partial[i], static_cast<typename Reduction::Partial>(elements[i]));
}

template <class T, class Reduction>
typename Reduction::Partial reduce_row(const T* x, std::int64_t count) {
    using Partial = typename Reduction::Partial;
    const std::int64_t whole = count / lanes<T>, rest = count % lanes<T>;
    const auto tail = [&] { return first_lanes(load(x + whole * lanes<T>), rest, Reduction::start); };
    if (whole < group) {
        if (whole == 0) return Reduction::of_lanes(tail());
        const Batch<T> vectors = combine_few<T, Reduction>(x, lanes<T>, whole);
        return Reduction::of_lanes(rest == 0 ? vectors : Reduction::combine(vectors, tail()));
    }
    alignas(64) Partial partial[lanes<T>];
    std::fill_n(partial, lanes<T>, Partial(Reduction::empty));
    std::int64_t i = 0;
    for (; i + group <= whole; i += group)
        gather_lanes<T, Reduction>(partial, combine_group<T, Reduction>(x + i * lanes<T>, lanes<T>));
    for (; i < whole; ++i) gather_lanes<T, Reduction>(partial, load(x + i * lanes<T>));
    if (rest != 0) gather_lanes<T, Reduction>(partial, tail());
    Partial result = partial[0];
    for (std::int64_t lane = 1; lane < lanes<T>; ++lane) result = Reduction::combine(result, partial[lane]);
    return result;
}

/// One vector of columns, `rows` rows down; the result is in `partial`.
template <class T, class Reduction>
void reduce_columns(const T* x, std::int64_t stride, std::int64_t rows, typename Reduction::Partial* partial) {
    std::fill_n(partial, lanes<T>, typename Reduction::Partial(Reduction::empty));
    std::int64_t row = 0;
    for (; row + group <= rows; row += group)
        gather_lanes<T, Reduction>(partial, combine_group<T, Reduction>(x + row * stride, stride));
    if (row < rows)
        gather_lanes<T, Reduction>(partial, combine_few<T, Reduction>(x + row * stride, stride, rows - row));
}

/// How a call is cut into blocks that do not depend on the threads.
struct Blocks {
    explicit Blocks(const tg_call& call)
        : outer(call.inputs[0].shape[0]),
          reduced(call.inputs[0].shape[1]),
          inner(call.inputs[0].shape[2]),
          size(inner == 1 ? row_block : column_block),
          count(std::max<std::int64_t>(1, divide_up(reduced, size))) {}

    std::int64_t extent(std::int64_t block) const { return std::min(size, reduced - block * size); }

    std::int64_t outer, reduced, inner, size, count;
};

/// Hands the result of each block to store(index, result), index being that of [outer, block, inner].
template <class T, class Reduction>
void reduce_blocks(const tg_context& context, const T* x, const Blocks& blocks, const auto& store) {
    const std::int64_t extent = std::min(blocks.size, blocks.reduced), inner = blocks.inner;
    const std::int64_t tile = tile_vectors * lanes<T>, tiles = divide_up(inner, tile);
    const std::int64_t cost = inner == 1 ? extent / 4 + 16 : (extent / 4 + 16) * std::min(inner, tile);
    parallel_for(context, blocks.outer * blocks.count * tiles, cost, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t item = begin; item < end; ++item) {
            const std::int64_t part = item / tiles, outer = part / blocks.count, block = part % blocks.count;
            const T* const from = x + (outer * blocks.reduced + block * blocks.size) * inner;
            if (inner == 1) {
                store(part, reduce_row<T, Reduction>(from, blocks.extent(block)));
                continue;
            }
            const std::int64_t first = item % tiles * tile;
            for (std::int64_t column = first; column < std::min(first + tile, inner); column += lanes<T>) {
                alignas(64) typename Reduction::Partial partial[lanes<T>];
                reduce_columns<T, Reduction>(from + column, inner, blocks.extent(block), partial);
                for (std::int64_t i = 0; i < std::min(lanes<T>, inner - column); ++i)
                    store(part * inner + column + i, partial[i]);
            }
        }
    });
}

template <class T, class Reduction>
int reduce(tg_context* context, tg_call* call) noexcept {
    using Partial = typename Reduction::Partial;
    const Blocks blocks(*call);
    T* const y = output<T>(*call);
    if (blocks.count == 1) {
        reduce_blocks<T, Reduction>(*context, input<T>(*call, 0), blocks,
                                    [y](std::int64_t i, Partial result) { y[i] = static_cast<T>(result); });
        return TG_OK;
    }
    const std::int64_t results = blocks.outer * blocks.inner;
    if (lacks_workspace<Partial>(call, results * blocks.count)) return TG_NEEDS_WORKSPACE;
    auto* const partial = workspace<Partial>(*call);
    reduce_blocks<T, Reduction>(*context, input<T>(*call, 0), blocks,
                                [partial](std::int64_t i, Partial result) { partial[i] = result; });
    parallel_for(*context, results, blocks.count, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const Partial* const first = partial + i / blocks.inner * blocks.count * blocks.inner + i % blocks.inner;
            Partial result = *first;
            for (std::int64_t block = 1; block < blocks.count; ++block)
                result = Reduction::combine(result, first[block * blocks.inner]);
            y[i] = static_cast<T>(result);
        }
    });
    return TG_OK;
}

constexpr Kernel table[] = {
    {"reduce_sum", {reduce<float, Sum<float>>, reduce<double, Sum<double>>}},
    {"reduce_max", {reduce<float, Max<float>>, reduce<double, Max<double>>}},
};

}  // namespace

std::span<const Kernel> reduce_kernels() { return table; }

}  // namespace tapegrad::simd
