// graph_attention_gradient: one pass over the edges out of each node. It computes the coefficients anew, which costs
// less than keeping an array of them, and needs no second pass over rows of features: with out_i = sum_j alpha_ij z_j,
// the sum that a softmax's gradient subtracts is sum_j alpha_ij (g_i . z_j) = g_i . out_i.
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

    static constexpr std::int64_t chunk = 32;  // edges

    /// Node j. `wide` has room for one head; only heads of more vectors than any instance has need it.
    template <int group, int vectors>
    void pull_back(std::int64_t j, std::int64_t first, T* wide) const {
        const std::int64_t heads = z.heads, at = j * heads + first;
        constexpr int known = vectors == 0 ? 1 : vectors;
        RowBatch<T> sum[group * known];
        for (RowBatch<T>& s : sum) s = RowBatch<T>(T(0));
        if constexpr (vectors == 0) std::fill_n(wide, z.features, T(0));
        T of_source[group] = {};

        const std::int32_t* entries = sources.order + sources.offsets[j];
        for (std::int64_t left = sources.offsets[j + 1] - sources.offsets[j]; left > 0; left -= chunk) {
            const std::int64_t count = std::min(left, chunk);
            T alpha[chunk * group + lanes<T>], slope[chunk * group];
            coefficients<group>(at, first, entries, count, alpha, slope);
            for (std::int64_t p = 0; p < count; ++p) {
                const std::int64_t e = entries[p], i = target_index[e];
                const T* const g = gradient.row(i) + first * z.features;
                const T* const subtract = per_target + (i * target_values + subtracted) * heads + first;
                const std::uint32_t bits = mask.bits(e * heads + first);
                T of_alpha[group], weight[group];
                dot<group, vectors>(g, z.row(j) + first * z.features, of_alpha);
                for (int h = 0; h < group; ++h) {
                    const T a = alpha[p * group + h];
                    weight[h] = kept(bits, h, a, scale);
                    const T of_edge = a * (kept(bits, h, of_alpha[h], scale) - subtract[h]) * slope[p * group + h];
                    of_score[e * heads + first + h] = of_edge;
                    of_source[h] += of_edge;
                }
                if constexpr (vectors == 0) {
                    for (std::int64_t k = 0; k < z.features; k += row_lanes<T>)
                        xsimd::fma(RowBatch<T>(weight[0]), load_row(g + k), load_row(wide + k))
                            .store_unaligned(wide + k);
                } else {
                    for (int h = 0; h < group; ++h)
                        for (int v = 0; v < vectors; ++v)
                            sum[h * vectors + v] =
                                xsimd::fma(RowBatch<T>(weight[h]), load_row(g + (h * vectors + v) * row_lanes<T>),
                                           sum[h * vectors + v]);
                }
            }
            entries += count;
        }
        std::copy_n(of_source, group, of_source_score + at);
        if constexpr (vectors == 0) {
            std::copy_n(wide, features, of_z + at * features);
        } else {
            for (int h = 0; h < group; ++h)
                store_head(of_z + (at + h) * features, 0, features, sum + h * vectors, vectors);
        }
    }

    /// alpha and the slope of leaky_relu for `count` edges out of the node whose first score is source_score[at].
    template <int group>
    void coefficients(std::int64_t at, std::int64_t first, const std::int32_t* entries, std::int64_t count, T* alpha,
                      T* slope) const {
        const std::int64_t heads = z.heads;
        const auto target = [&](std::int64_t p, TargetValue which) {
            return per_target + (target_index[entries[p]] * target_values + which) * heads + first;
        };
        for (std::int64_t p = 0; p < count; ++p) {
            prefetch_row(gradient, target_index[entries[p]]);
            const T *const scores = target(p, score), *const most = target(p, largest);
            for (int h = 0; h < group; ++h) {
                const T sum = source_score[at + h] + scores[h];
                slope[p * group + h] = sum > 0 ? T(1) : negative_slope;
                alpha[p * group + h] = leaky(sum, negative_slope) - most[h];
            }
        }
        for (std::int64_t k = 0; k < count * group; k += lanes<T>)
            xsimd::exp(Batch<T>::load_unaligned(alpha + k)).store_unaligned(alpha + k);
        for (std::int64_t p = 0; p < count; ++p)
            for (int h = 0; h < group; ++h) alpha[p * group + h] *= target(p, reciprocal)[h];
    }

    /// g . z, for each head.
    template <int group, int vectors>
    void dot(const T* g, const T* z_row, T* products) const {
        RowBatch<T> product[group];
        for (int h = 0; h < group; ++h) {
            product[h] = RowBatch<T>(T(0));
            const std::int64_t width = vectors == 0 ? z.features : vectors * row_lanes<T>;
            for (std::int64_t k = 0; k < width; k += row_lanes<T>)
                product[h] = xsimd::fma(load_row(g + h * width + k), load_row(z_row + h * width + k), product[h]);
        }
        sums_within<group>(product, products);
    }
};

/// Gathers what each edge needs of its target.
template <class T>
void prepare_targets(const tg_context& context, const tg_call& call, T* per_target) {
    const std::int64_t heads = call.inputs[0].shape[1], features = call.inputs[0].shape[2];
    const T *const gradient = input<T>(call, 0), *const out = input<T>(call, 4);
    parallel_for(context, call.inputs[0].shape[0], heads * (features + 8), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i)
            for (std::int64_t h = 0; h < heads; ++h) {
                const std::int64_t at = i * heads + h;
                T product = 0;
#pragma omp simd reduction(+ : product)
                for (std::int64_t k = 0; k < features; ++k)
                    product += gradient[at * features + k] * out[at * features + k];
                T* const values = per_target + i * target_values * heads + h;
                values[score * heads] = input<T>(call, 3)[at];
                values[largest * heads] = input<T>(call, 5)[at];
                values[reciprocal * heads] = T(1) / input<T>(call, 6)[at];
                values[subtracted * heads] = product;
            }
    });
}

/// Sums the rows [E, H] of the edges into each node.
template <class T>
void sum_into_targets(const tg_context& context, const Segments& targets, std::int64_t heads, const T* of_score, T* y) {
    for_each_segment(context, targets, heads, [&](std::int64_t i) {
        T* const row = y + i * heads;
        std::fill_n(row, heads, T(0));
        for (const std::int32_t e : targets.order_of(i))
            for (std::int64_t h = 0; h < heads; ++h) row[h] += of_score[e * heads + h];
    });
}

template <class T>
int backward(tg_context* context, tg_call* call) noexcept {
    const std::int64_t *const shape = call->inputs[1].shape, *const out_shape = call->inputs[0].shape;
    const std::int64_t heads = shape[1], edges = call->inputs[8].size, wide_size = padded<T>(shape[2]);
    const Segments sources(*call, 9), targets(*call, 12);
    const std::int64_t sizes[] = {head_rows_room<T>(shape), head_rows_room<T>(out_shape),
                                  targets.count * target_values * heads + lanes<T>, edges * heads,
                                  context->threads * wide_size};
    std::size_t needed = 0;
    for (const std::int64_t size : sizes) needed += static_cast<std::size_t>(size) * sizeof(T);
    if (call->workspace_size < needed) {
        call->workspace_size = needed;
        return TG_NEEDS_WORKSPACE;
    }
    T* const z_room = static_cast<T*>(call->workspace);
    T* const gradient_room = z_room + sizes[0];
    T* const per_target = gradient_room + sizes[1];
    T* const of_score = per_target + sizes[2];
    T* const wide_room = of_score + sizes[3];

    prepare_targets(*context, *call, per_target);
    const Backward<T> b{head_rows(*context, input<T>(*call, 1), shape, z_room),
                        head_rows(*context, input<T>(*call, 0), out_shape, gradient_room),
                        input<T>(*call, 2),
                        per_target,
                        edge_mask(call->inputs[7]),
                        sources,
                        input<std::int32_t>(*call, 11),
                        static_cast<T>(call->reals[0]),
                        static_cast<T>(call->reals[1]),
                        output<T>(*call, 0),
                        output<T>(*call, 1),
                        of_score,
                        shape[2]};
    for_each_segment(*context, sources, 16 * heads, [&](std::int64_t j) {
        T* const wide = wide_room + omp_get_thread_num() * wide_size;
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
