// graph_attention: one pass over the edges into each node, with the coefficients of a node in a small buffer.
#include <cmath>
#include <limits>

#include "backends/simd/kernels/attention.hpp"

namespace tapegrad::simd {
namespace {

std::int64_t largest_degree(const Segments& targets) {
    std::int64_t largest = 0;
    for (std::int64_t i = 0; i < targets.count; ++i)
        largest = std::max<std::int64_t>(largest, targets.offsets[i + 1] - targets.offsets[i]);
    return largest;
}

/// exp of n neighbouring elements in place; up to one vector behind them is overwritten.
template <class T>
void exponentiate(T* x, std::int64_t n) {
    for (std::int64_t i = 0; i < n; i += lanes<T>) xsimd::exp(Batch<T>::load_unaligned(x + i)).store_unaligned(x + i);
}

/// What the heads first .. first+group-1 of one call share.
template <class T>
struct Forward {
    HeadRows<T> z;
    const T *source_score, *target_score;
    EdgeMask mask;
    const std::int32_t* source_index;
    Segments targets;
    T negative_slope, scale;
    T *out, *largest, *divisor;
    std::int64_t features;  ///< of a head of `out`, without padding

    /// Node i: its scores, their softmax, and the weighted sum. `buffer` has room for degree * group elements and two
    /// vectors.
    template <int group, int vectors>
    void attend(std::int64_t i, std::int64_t first, T* buffer) const {
        const std::int64_t heads = z.heads, at = i * heads + first;
        const std::int32_t *entries = targets.order + targets.offsets[i], *end = targets.order + targets.offsets[i + 1];
        const std::int64_t degree = end - entries;

        T most[group];
        std::fill_n(most, group, -std::numeric_limits<T>::infinity());
        for (std::int64_t p = 0; p < degree; ++p) {
            const T* const sources = source_score + source_index[entries[p]] * heads + first;
            for (int h = 0; h < group; ++h) {
                const T e = leaky(sources[h] + target_score[at + h], negative_slope);
                buffer[p * group + h] = e;
                most[h] = e > most[h] ? e : most[h];  // passes over a NaN, which then makes the sum NaN
            }
        }
        for (int h = 0; h < group; ++h) {
            most[h] = most[h] == -std::numeric_limits<T>::infinity() ? T(0) : most[h];
            largest[at + h] = most[h];
        }
        for (std::int64_t p = 0; p < degree; ++p)
            for (int h = 0; h < group; ++h) buffer[p * group + h] -= most[h];
        exponentiate(buffer, degree * group);

        T sum[group] = {};
        for (std::int64_t p = 0; p < degree; ++p)
            for (int h = 0; h < group; ++h) sum[h] += buffer[p * group + h];
        T reciprocal[group];
        for (int h = 0; h < group; ++h) {
            const T nonzero = sum[h] == 0 ? T(1) : sum[h];
            divisor[at + h] = nonzero;
            reciprocal[h] = T(1) / nonzero;
        }
        for (std::int64_t p = 0; p < degree; ++p) {
            const std::uint32_t bits = mask.bits(entries[p] * heads + first);
            for (int h = 0; h < group; ++h)
                buffer[p * group + h] = kept(bits, h, buffer[p * group + h] * reciprocal[h], scale);
        }
        accumulate<group, vectors>(i, first, entries, degree, buffer);
    }

    template <int group, int vectors>
    void accumulate(std::int64_t i, std::int64_t first, const std::int32_t* entries, std::int64_t degree,
                    const T* coefficients) const {
        constexpr std::int64_t ahead = 8;  // edges; rows of large graphs come from main memory
        // A wide head is walked in columns of eight vectors.
        constexpr std::int64_t block = vectors == 0 ? 8 : vectors;
        for (std::int64_t column = 0; column < z.features; column += block * row_lanes<T>) {
            const std::int64_t here =
                vectors == 0 ? std::min(block, (z.features - column) / row_lanes<T>) : std::int64_t{vectors};
            RowBatch<T> sum[group * block];
            for (RowBatch<T>& s : sum) s = RowBatch<T>(T(0));
            for (std::int64_t p = 0; p < degree; ++p) {
                const T* const row = z.row(source_index[entries[p]]) + first * z.features + column;
                if (p + ahead < degree) prefetch_row(z, source_index[entries[p + ahead]]);
                for (int h = 0; h < group; ++h) {
                    const RowBatch<T> c(coefficients[p * group + h]);
                    for (std::int64_t v = 0; v < (vectors == 0 ? here : block); ++v)
                        sum[h * block + v] =
                            xsimd::fma(c, load_row(row + h * z.features + v * row_lanes<T>), sum[h * block + v]);
                }
            }
            for (int h = 0; h < group; ++h)
                store_head(out + (i * z.heads + first + h) * features, column, features, sum + h * block, here);
        }
    }
};

template <class T>
int forward(tg_context* context, tg_call* call) noexcept {
    const std::int64_t* const shape = call->inputs[0].shape;
    const std::int64_t heads = shape[1];
    const Segments targets(*call, 8);
    const std::int64_t buffer_size = largest_degree(targets) * std::min<std::int64_t>(heads, 8) + 2 * lanes<T>;
    const std::int64_t room = head_rows_room<T>(shape) + lanes<T>;
    const std::size_t needed = static_cast<std::size_t>(room + context->threads * buffer_size) * sizeof(T);
    if (call->workspace_size < needed) {
        call->workspace_size = needed;
        return TG_NEEDS_WORKSPACE;
    }
    T* const workspace = static_cast<T*>(call->workspace);
    const Forward<T> f{head_rows(*context, input<T>(*call, 0), shape, workspace),
                       input<T>(*call, 1),
                       input<T>(*call, 2),
                       edge_mask(call->inputs[3]),
                       input<std::int32_t>(*call, 4),
                       targets,
                       static_cast<T>(call->reals[0]),
                       static_cast<T>(call->reals[1]),
                       output<T>(*call, 0),
                       output<T>(*call, 1),
                       output<T>(*call, 2),
                       shape[2]};
    for_each_segment(*context, targets, 8 * heads, [&](std::int64_t i) {
        T* const buffer = workspace + room + omp_get_thread_num() * buffer_size;
        for_head_groups<T>(heads, f.z.features, [&](std::int64_t first, auto group, auto vectors) {
            f.template attend<group(), vectors()>(i, first, buffer);
        });
    });
    return TG_OK;
}

constexpr Kernel table[] = {{"graph_attention", {forward<float>, forward<double>}}};

}  // namespace

std::span<const Kernel> attention_kernels() { return table; }

}  // namespace tapegrad::simd
