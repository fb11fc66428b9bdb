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

/// What the heads first .. first+group-1 of one call share.
template <class T>
struct Forward {
    HeadRows<T> z;
    const T *source_score, *target_score;
    const T* bias;  ///< nullptr for none
    EdgeMask mask;
    const std::int32_t* source_index;
    Segments targets;
    T negative_slope, scale;
    T *out, *largest, *divisor;
    std::int64_t features;  ///< of a head of `out`, without padding
    bool far = z.are_far();

    /// Node i: its scores, their softmax, and the weighted sum, in as few loops as can be: most nodes have a handful of
    /// edges, and leaving a loop costs as much as one. `buffer` has room for [edges, group] and a vector.
    template <int group, int vectors>
    [[gnu::noinline]] void attend(std::int64_t i, std::int64_t first, T* buffer) const {
        using Values = PerHead<T, group>;
        const std::int64_t heads = z.heads, at = i * heads + first;
        const std::span<const std::int32_t> entries = targets.order_of(i);
        const std::int64_t size = static_cast<std::int64_t>(entries.size()) * group;

        const Values target(target_score + at);
        Values most(-std::numeric_limits<T>::infinity());
        T* next = buffer;
        for (const std::int32_t e : entries) {
            const Values score =
                (Values(source_score + source_index[e] * heads + first) + target).leaky(negative_slope);
            score.store(next);
            next += group;
            most = score.larger_number(most);  // passes over a NaN, which makes the sum NaN
        }
        most.store(largest + at);
        for (int h = 0; h < group; ++h)
            if (largest[at + h] == -std::numeric_limits<T>::infinity()) largest[at + h] = 0;

        exponentiate<group>(buffer, size, Values(largest + at)).store(divisor + at);
        bool all_positive = true;
        for (int h = 0; h < group; ++h) all_positive &= divisor[at + h] > 0;
        if (!all_positive) mend_divisors<group>(at);
        T reciprocals[group];
        for (int h = 0; h < group; ++h) reciprocals[h] = T(1) / divisor[at + h];
        const Values reciprocal(reciprocals);
        const auto coefficient = [&](std::size_t p) {
            const Values alpha = Values(buffer + static_cast<std::int64_t>(p) * group) * reciprocal;
            return (alpha * Values(scale)).kept(mask.bits(entries[p] * heads + first));
        };
        if constexpr (vectors == 0) {
            for (std::size_t p = 0; p < entries.size(); ++p) coefficient(p).store(buffer + p);
            for (std::int64_t column = 0; column < z.features; column += 8 * row_lanes<T>)
                add_wide_rows(at, column, entries, buffer);
        } else {
            add_rows<group, vectors>(at, first, entries, coefficient);
        }
    }

    /// Nodes without edges, or with scores of -inf alone, divide by 1; a NaN is kept for the gradient.
    template <int group>
    [[gnu::noinline]] void mend_divisors(std::int64_t at) const {
        for (int h = 0; h < group; ++h) {
            if (divisor[at + h] == 0) divisor[at + h] = 1;
            if (std::isnan(divisor[at + h])) largest[at + h] = divisor[at + h];
        }
    }

    /// x = e^(x - most); returns the sums. The numbers of a single head are computed edge by edge in whole vectors.
    template <int group>
    static PerHead<T, group> exponentiate(T* x, std::int64_t size, const PerHead<T, group>& most) {
        using Values = PerHead<T, group>;
        if constexpr (group == 1) {
            T shift;
            double sum = 0;
            most.store(&shift);
            for (std::int64_t k = 0; k < size; k += row_lanes<T>) {
                const RowBatch<T> y =
                    first_lanes(exp_at_most_zero(load_row(x + k) - RowBatch<T>(shift)), size - k, T(0));
                y.store_unaligned(x + k);
                sum += sum_of_lanes(y);
            }
            return Values(static_cast<T>(sum));
        } else {
            constexpr std::int64_t piece = summed_at_once * group;
            Values total = exponentiate_piece<group>(x, std::min(size, piece), most);
            for (std::int64_t k = piece; k < size; k += piece)
                total = total + exponentiate_piece<group>(x + k, std::min(size - k, piece), most);
            return total;
        }
    }
    template <int group>
    static PerHead<T, group> exponentiate_piece(T* x, std::int64_t size, const PerHead<T, group>& most) {
        PerHead<T, group> sum(T(0));
        for (T* const end = x + size; x != end; x += group) {
            const auto y = (PerHead<T, group>(x) - most).exponential();
            y.store(x);
            sum = sum + y;
        }
        return sum;
    }

    template <int group, int vectors, class Coefficient>
    void add_rows(std::int64_t at, std::int64_t first, std::span<const std::int32_t> entries,
                  const Coefficient& coefficient) const {
        RowBatch<T> sum[group * vectors];
        add_piece<group, vectors>(first, entries, 0, coefficient, sum);
        for (std::size_t begin = summed_at_once; begin < entries.size(); begin += summed_at_once) {
            RowBatch<T> further[group * vectors];
            add_piece<group, vectors>(first, entries, begin, coefficient, further);
            for (int k = 0; k < group * vectors; ++k) sum[k] = sum[k] + further[k];
        }
        for (int k = 0; bias != nullptr && k < group * vectors; ++k)
            sum[k] = sum[k] + load_row(bias + (first + k / vectors) * features + k % vectors * row_lanes<T>);
        store_heads<group, vectors>(out + at * features, features, sum);
    }

    /// The sum over one piece of the edges. Inlined, so that it stays in registers.
    template <int group, int vectors, class Coefficient>
    [[gnu::always_inline]] void add_piece(std::int64_t first, std::span<const std::int32_t> entries, std::size_t begin,
                                          const Coefficient& coefficient, RowBatch<T> (&sum)[group * vectors]) const {
        for (RowBatch<T>& s : sum) s = RowBatch<T>(T(0));
        for (std::size_t p = begin; p < std::min<std::size_t>(entries.size(), begin + summed_at_once); ++p) {
            prefetch_row_of(&entries[p] + ahead);
            const T* const row = z.row(source_index[entries[p]]) + first * z.features;
            T weight[group];
            coefficient(p).store(weight);
            for (int h = 0; h < group; ++h)
                for (int v = 0; v < vectors; ++v)
                    sum[h * vectors + v] = xsimd::fma(
                        RowBatch<T>(weight[h]), load_row(row + (h * vectors + v) * row_lanes<T>), sum[h * vectors + v]);
        }
    }

    /// Eight vectors of a head that has more.
    void add_wide_rows(std::int64_t at, std::int64_t column, std::span<const std::int32_t> entries,
                       const T* coefficients) const {
        RowBatch<T> total[8];
        for (RowBatch<T>& t : total) t = RowBatch<T>(T(0));
        const std::int64_t vectors = std::min<std::int64_t>(8, (z.features - column) / row_lanes<T>);
        for (std::size_t p = 0; p < entries.size();) {
            RowBatch<T> sum[8];
            for (RowBatch<T>& s : sum) s = RowBatch<T>(T(0));
            for (const std::size_t stop = std::min<std::size_t>(entries.size(), p + summed_at_once); p < stop; ++p) {
                prefetch_row_of(&entries[p] + ahead);
                const T* const row = z.row(source_index[entries[p]]) + at % z.heads * z.features + column;
                for (std::int64_t v = 0; v < vectors; ++v)
                    sum[v] = xsimd::fma(RowBatch<T>(coefficients[p]), load_row(row + v * row_lanes<T>), sum[v]);
            }
            for (int v = 0; v < 8; ++v) total[v] = total[v] + sum[v];
        }
        for (std::int64_t v = 0; bias != nullptr && v < vectors; ++v)
            total[v] = total[v] + load_row(bias + at % z.heads * features + column + v * row_lanes<T>);
        store_head(out + at * features, column, features, total, vectors);
    }

    static constexpr std::int64_t ahead = 8;  // edges, of this node or the next ones

    void prefetch_row_of(const std::int32_t* entry) const {
        if (far && entry < targets.order + targets.offsets[targets.count]) z.prefetch(source_index[*entry]);
    }
};

template <class T>
int forward(tg_context* context, tg_call* call) noexcept {
    const std::int64_t* const shape = call->inputs[0].shape;
    const std::int64_t heads = shape[1];
    const Segments targets(*call, 9);
    const std::int64_t buffer_size = largest_degree(targets) * std::min<std::int64_t>(heads, 8) + 2 * lanes<T>;
    const std::int64_t room = head_rows_room<T>(shape) + lanes<T>;
    if (lacks_workspace<T>(call, room + context->threads * buffer_size)) return TG_NEEDS_WORKSPACE;
    T* const scratch = workspace<T>(*call);
    const Forward<T> f{head_rows(*context, input<T>(*call, 0), shape, scratch),
                       input<T>(*call, 1),
                       input<T>(*call, 2),
                       bias_of<T>(*call, 3),
                       edge_mask(call->inputs[4]),
                       input<std::int32_t>(*call, 5),
                       targets,
                       static_cast<T>(call->reals[0]),
                       scale_of_kept<T>(call->inputs[4], call->reals[1]),
                       output<T>(*call, 0),
                       output<T>(*call, 1),
                       output<T>(*call, 2),
                       shape[2]};
    const std::int64_t cost = heads * (8 + f.z.features / lanes<T>);
    for_each_segment(*context, targets, cost, [&](std::int64_t i, std::int64_t part) {
        T* const buffer = scratch + room + part * buffer_size;
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
