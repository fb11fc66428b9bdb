// graph_attention_gradient: one pass over the edges out of each node. It computes the coefficients anew, which costs
// less than keeping an array of them, and needs no second pass over rows of features: with out_i = bias + sum_j
// alpha_ij z_j, the sum that a softmax's gradient subtracts is sum_j alpha_ij (g_i . z_j) = g_i . out_i - g_i . bias.
#include <algorithm>

#include "backends/simd/kernels/attention.hpp"

namespace tapegrad::simd {
namespace {

/// What an edge needs of its target, for each head; side by side, so that an edge touches few cache lines.
enum TargetValue { score, largest, reciprocal, subtracted, target_values };

template <class T>
struct Backward {
    HeadRows<T> z, gradient;
    const T* source_score;
    const T* per_target;  ///< [T, target_values, H]
    EdgeMask mask;
    Segments sources;
    const std::int32_t* target_index;
    T negative_slope, scale;
    T *of_z, *of_source_score;
    T* of_score;            ///< [E, H]
    std::int64_t features;  ///< of a head of `of_z`, without padding
    bool far = gradient.are_far();

    /// Node j. `wide` has room for two heads; only heads of more vectors than any instance has need it.
    template <int group, int vectors>
    [[gnu::noinline]] void pull_back(std::int64_t j, std::int64_t first, T* wide) const {
        const std::int64_t at = j * z.heads + first;
        constexpr int known = std::max(vectors, 1);
        RowBatch<T> sum[group * known];
        PerHead<T, group> of_source(T(0));
        const std::span<const std::int32_t> entries = sources.order_of(j);
        T* const wide_total = wide + z.features;
        add_piece<group, vectors>(j, first, entries.first(std::min<std::size_t>(entries.size(), summed_at_once)), wide,
                                  sum, of_source);
        if constexpr (vectors == 0) std::copy_n(wide, z.features, wide_total);
        for (std::size_t begin = summed_at_once; begin < entries.size(); begin += summed_at_once) {
            RowBatch<T> further[group * known];
            PerHead<T, group> further_of_source(T(0));
            const std::size_t count = std::min<std::size_t>(entries.size() - begin, summed_at_once);
            add_piece<group, vectors>(j, first, entries.subspan(begin, count), wide, further, further_of_source);
            of_source = of_source + further_of_source;
            for (int k = 0; k < group * known; ++k) sum[k] = sum[k] + further[k];
            if constexpr (vectors == 0)
                for (std::int64_t k = 0; k < z.features; ++k) wide_total[k] += wide[k];
        }
        of_source.store(of_source_score + at);
        if constexpr (vectors == 0)
            std::copy_n(wide_total, features, of_z + at * features);
        else
            store_heads<group, vectors>(of_z + at * features, features, sum);
    }

    /// The sums over one piece of the edges out of node j. Inlined, so that they stay in registers.
    template <int group, int vectors, std::size_t size>
    [[gnu::always_inline]] void add_piece(std::int64_t j, std::int64_t first, std::span<const std::int32_t> entries,
                                          T* wide, RowBatch<T> (&sum)[size], PerHead<T, group>& of_source) const {
        for (RowBatch<T>& s : sum) s = RowBatch<T>(T(0));
        if constexpr (vectors == 0) std::fill_n(wide, z.features, T(0));
        const auto add = [&](std::int32_t e, const T* weight, const PerHead<T, group>& of_edge) {
            of_edge.store(of_score + e * z.heads + first);
            of_source = of_source + of_edge;
            const T* const g = gradient.row(target_index[e]) + first * z.features;
            if constexpr (vectors == 0) {
                for (std::int64_t k = 0; k < z.features; k += row_lanes<T>)
                    xsimd::fma(RowBatch<T>(*weight), load_row(g + k), load_row(wide + k)).store_unaligned(wide + k);
            } else {
                for (int h = 0; h < group; ++h)
                    for (int v = 0; v < vectors; ++v)
                        sum[h * vectors + v] =
                            xsimd::fma(RowBatch<T>(weight[h]), load_row(g + (h * vectors + v) * row_lanes<T>),
                                       sum[h * vectors + v]);
            }
        };
        if constexpr (group == 1)
            differentiate_chunks<vectors>(j, first, entries, add);
        else
            differentiate_edges<group, vectors>(j, first, entries, add);
    }

    /// Calls add(edge, the coefficients that z was summed with, the gradients of the scores) for some edges out of
    /// node j. Inlined, so that what `add` adds up stays in registers.
    template <int group, int vectors, class Add>
    [[gnu::always_inline]] void differentiate_edges(std::int64_t j, std::int64_t first,
                                                    std::span<const std::int32_t> entries, const Add& add) const {
        using Values = PerHead<T, group>;
        const std::int64_t heads = z.heads;
        const Values own(source_score + j * heads + first), scales(scale);
        const T* const row = z.row(j) + first * z.features;
        prefetch(entries);
        for (const std::int32_t e : entries) {
            const std::int64_t i = target_index[e];
            const T* const target = per_target + i * target_values * heads + first;
            const Values x = own + Values(target + score * heads), derivative = x.leaky_derivative(negative_slope);
            const Values alpha = (x.rounded_product(derivative) - Values(target + largest * heads)).exponential() *
                                 Values(target + reciprocal * heads);
            T of_alpha[group], weight[group];
            dot_heads<T, group, vectors>(gradient.row(i) + first * z.features, row, z.features, of_alpha);
            const std::uint32_t bits = mask.bits(e * heads + first);
            (alpha * scales).kept(bits).store(weight);
            const Values through = (Values(of_alpha) * scales).kept(bits) - Values(target + subtracted * heads);
            add(e, weight, alpha * through * derivative);
        }
    }

    /// The same for a single head, where several edges make a vector.
    template <int vectors, class Add>
    [[gnu::always_inline]] void differentiate_chunks(std::int64_t j, std::int64_t head,
                                                     std::span<const std::int32_t> rest, const Add& add) const {
        constexpr std::size_t chunk = 32;  // one word of `kept`
        alignas(64) T scores[chunk], shifts[chunk], factors[chunk], subtract[chunk], of_alpha[chunk], weights[chunk],
            of_edges[chunk];
        RowBatch<T> products[chunk];
        const std::int64_t heads = z.heads;
        const T own = source_score[j * heads + head];
        const T* const row = z.row(j) + head * z.features;
        const Batch<T> zero(T(0)), one(T(1)), slope(negative_slope);
        while (!rest.empty()) {
            const std::span<const std::int32_t> entries = rest.first(std::min(rest.size(), chunk));
            rest = rest.subspan(entries.size());
            prefetch(entries);
            std::uint32_t kept = 0;
            for (std::size_t p = 0; p < entries.size(); ++p) {
                const std::int64_t i = target_index[entries[p]];
                const T* const target = per_target + i * target_values * heads + head;
                scores[p] = own + target[score * heads];
                shifts[p] = target[largest * heads];
                factors[p] = target[reciprocal * heads];
                subtract[p] = target[subtracted * heads];
                kept |= (mask.bits(entries[p] * heads + head) & 1u) << p;
                multiply_heads<T, 1, vectors>(gradient.row(i) + head * z.features, row, z.features, products + p);
            }
            const auto size = static_cast<std::int64_t>(entries.size());
            sums_within(products, size, of_alpha);
            for (std::int64_t k = 0; k < size; k += lanes<T>) {
                const Batch<T> x = load(scores + k), derivative = xsimd::select(x > zero, one, slope);
                const Batch<T> leaky = rounded_product(x, derivative);
                const Batch<T> alpha = exp_at_most_zero(leaky - load(shifts + k)) * load(factors + k);
                keep_where_set(alpha * scale, kept >> k).store_aligned(weights + k);
                const Batch<T> through = keep_where_set(load(of_alpha + k) * scale, kept >> k) - load(subtract + k);
                (alpha * through * derivative).store_aligned(of_edges + k);
            }
            for (std::size_t p = 0; p < entries.size(); ++p) add(entries[p], weights + p, PerHead<T, 1>(of_edges[p]));
        }
    }

    void prefetch(std::span<const std::int32_t> entries) const {
        if (far)
            for (const std::int32_t e : entries) gradient.prefetch(target_index[e]);
    }
};

/// Gathers what each edge needs of its target.
template <class T>
void prepare_targets(const tg_context& context, const tg_call& call, T* per_target) {
    const std::int64_t heads = call.inputs[0].shape[1], features = call.inputs[0].shape[2];
    const T *const gradient = input<T>(call, 0), *const bias = bias_of<T>(call, 4), *const out = input<T>(call, 5);
    parallel_for(context, call.inputs[0].shape[0], heads * (features + 8), [&](std::int64_t begin, std::int64_t end) {
        for_head_groups<T>(heads, features, [&](std::int64_t first, auto group, auto vectors) {
            using Values = PerHead<T, group()>;
            for (std::int64_t i = begin; i < end; ++i) {
                const std::int64_t at = i * heads + first;
                T* const values = per_target + i * target_values * heads + first;
                Values(input<T>(call, 3) + at).store(values + score * heads);
                Values(input<T>(call, 6) + at).store(values + largest * heads);
                for (int h = 0; h < group(); ++h) values[reciprocal * heads + h] = T(1) / input<T>(call, 7)[at + h];
                dot_heads<T, group(), vectors()>(gradient + at * features, out + at * features, features,
                                                 values + subtracted * heads);
                if (bias == nullptr) continue;
                T of_bias[group()];
                dot_heads<T, group(), vectors()>(gradient + at * features, bias + first * features, features, of_bias);
                for (int h = 0; h < group(); ++h) values[subtracted * heads + h] -= of_bias[h];
            }
        });
    });
}

/// Sums the rows [E, H] of the edges into each node.
template <class T>
void sum_into_targets(const tg_context& context, const Segments& targets, std::int64_t heads, const T* of_score, T* y) {
    for_each_segment(context, targets, heads, [&](std::int64_t i) {
        for_head_groups<T>(heads, row_lanes<T>, [&](std::int64_t first, auto group, auto) {
            PerHead<T, group()> total(T(0));
            const std::span<const std::int32_t> entries = targets.order_of(i);
            for (std::size_t p = 0; p < entries.size();) {
                PerHead<T, group()> sum(T(0));
                for (const std::size_t stop = std::min<std::size_t>(entries.size(), p + summed_at_once); p < stop; ++p)
                    sum = sum + PerHead<T, group()>(of_score + entries[p] * heads + first);
                total = total + sum;
            }
            total.store(y + i * heads + first);
        });
    });
}

template <class T>
int backward(tg_context* context, tg_call* call) noexcept {
    const std::int64_t *const shape = call->inputs[1].shape, *const out_shape = call->inputs[0].shape;
    const std::int64_t heads = shape[1], wide_size = padded<T>(shape[2]);
    const Segments sources(*call, 10), targets(*call, 13);
    const std::int64_t sizes[] = {head_rows_room<T>(shape), head_rows_room<T>(out_shape),
                                  targets.count * target_values * heads + lanes<T>,
                                  std::int64_t{2} * context->threads * wide_size};
    if (lacks_workspace<T>(call, sizes[0] + sizes[1] + sizes[2] + sizes[3])) return TG_NEEDS_WORKSPACE;
    T* const z_room = workspace<T>(*call);
    T* const gradient_room = z_room + sizes[0];
    T* const per_target = gradient_room + sizes[1];
    T* const wide_room = per_target + sizes[2];
    T* const of_score = output<T>(*call, 3);

    prepare_targets(*context, *call, per_target);
    const Backward<T> b{head_rows(*context, input<T>(*call, 1), shape, z_room),
                        head_rows(*context, input<T>(*call, 0), out_shape, gradient_room),
                        input<T>(*call, 2),
                        per_target,
                        edge_mask(call->inputs[8]),
                        sources,
                        input<std::int32_t>(*call, 12),
                        static_cast<T>(call->reals[0]),
                        scale_of_kept<T>(call->inputs[8], call->reals[1]),
                        output<T>(*call, 0),
                        output<T>(*call, 1),
                        of_score,
                        shape[2]};
    const std::int64_t cost = heads * (16 + 2 * b.z.features / lanes<T>);
    for_each_segment(*context, sources, cost, [&](std::int64_t j, std::int64_t part) {
        T* const wide = wide_room + 2 * part * wide_size;
        for_head_groups<T>(heads, b.z.features, [&](std::int64_t first, auto group, auto vectors) {
            b.template pull_back<group(), vectors()>(j, first, wide);
        });
    });
    sum_into_targets(*context, targets, heads, of_score, output<T>(*call, 2));
    return TG_OK;
}

constexpr Kernel table[] = {{"graph_attention_gradient", {backward<float>, backward<double>}}};

}  // namespace

std::span<const Kernel> attention_gradient_kernels() { return table; }

}  // namespace tapegrad::simd
