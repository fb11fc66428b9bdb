// attention_scores and attention_inputs, which draws what dropout keeps in the same pass, and their gradients.
#include <numeric>

#include "backends/simd/kernels/attention.hpp"
#include "backends/simd/kernels/random.hpp"
#include "backends/simd/kernels/rows.hpp"

namespace tapegrad::simd {
namespace {

/// The scores of nodes begin .. end-1.
template <class T>
void score_nodes(const tg_call& call, std::int64_t begin, std::int64_t end) {
    const std::int64_t heads = call.inputs[0].shape[1], features = call.inputs[0].shape[2], width = heads * features;
    const T *const z = input<T>(call, 0), *const a_source = input<T>(call, 1), *const a_target = input<T>(call, 2);
    for_head_groups<T>(heads, features, [&](std::int64_t first, auto group, auto vectors) {
        const auto score = [&](const T* row, const T* a, T* scores) {
            dot_heads<T, group(), vectors()>(row, a + first * features, features, scores);
        };
        for (std::int64_t i = begin; i < end; ++i) {
            const T* const row = z + i * width + first * features;
            score(row, a_source, output<T>(call, 0) + i * heads + first);
            score(row, a_target, output<T>(call, 1) + i * heads + first);
        }
    });
}

template <class T>
void scores(const tg_context& context, const tg_call& call) {
    parallel_for(context, call.inputs[0].shape[0], 2 * call.inputs[1].size,
                 [&](std::int64_t begin, std::int64_t end) { score_nodes<T>(call, begin, end); });
}

/// Scores, mask and product while a block of nodes is in the cache. A block is so many nodes that it begins with a
/// piece of random numbers, which for odd widths is many.
template <class T>
void inputs(const tg_context& context, const tg_call& call) {
    constexpr std::int64_t piece = Philox::words * 32;
    const std::int64_t nodes = call.inputs[0].shape[0], width = call.inputs[1].size, size = call.inputs[0].size;
    const std::int64_t nodes_of_block = piece / std::gcd(piece, std::max<std::int64_t>(width, 1));
    const auto site = [&](int index) { return static_cast<std::uint32_t>(call.integers[index]); };
    const Philox of_features(input<std::uint32_t>(call, 3), site(0));
    const Kept kept = kept_with(call.reals[0]);
    std::uint32_t* const mask = output<std::uint32_t>(call, 3);
    parallel_for(context, divide_up(nodes, nodes_of_block), nodes_of_block * width * 4,
                 [&](std::int64_t begin, std::int64_t end) {
                     const std::int64_t first = begin * nodes_of_block, last = std::min(end * nodes_of_block, nodes);
                     score_nodes<T>(call, first, last);
                     for (std::int64_t i = first * width; i < last * width; i += piece) {
                         const std::int64_t stop = std::min(i + piece, last * width);
                         draw_words(of_features, kept.limit, size, mask, i / 32, divide_up(stop, 32));
                         scale_range(input<T>(call, 0), mask, static_cast<T>(kept.scale), output<T>(call, 2), i, stop);
                     }
                 });
    if (call.outputs[4].size == 0) return;
    const Philox of_coefficients(input<std::uint32_t>(call, 3), site(1));
    draw_mask(context, of_coefficients, kept_with(call.reals[1]).limit, call.integers[2] * call.inputs[0].shape[1],
              output<std::uint32_t>(call, 4));
}

// Where z stands among the inputs of the gradients: after those of the scores, and of kept z.
constexpr int after_scores = 2, after_kept = 3;
constexpr std::int64_t block = 64;  // nodes whose part of a sum is added up before the parts are

/// One block of nodes: the gradient of z, and the block's part of those of a_source and a_target.
template <class T>
struct GradientBlock {
    const T *g_source, *g_target, *z, *a_source, *a_target;
    const T* g_kept;  ///< of attention_inputs, or else nullptr
    EdgeMask mask;    ///< of the features
    T scale;
    T *of_z, *of_source, *of_target;
    std::int64_t begin, end, heads, features;

    /// The heads first .. first+group-1 in columns k .. of `vectors` vectors, of which the last may reach over the
    /// head.
    template <int group, int vectors>
    void add(std::int64_t first, std::int64_t k) const {
        const std::int64_t at = first * features + k, left = features - k;
        RowBatch<T> by_source[group * vectors], by_target[group * vectors];
        for (RowBatch<T>& sum : by_source) sum = RowBatch<T>(T(0));
        for (RowBatch<T>& sum : by_target) sum = RowBatch<T>(T(0));
        for (std::int64_t i = begin; i < end; ++i)
            for (int h = 0; h < group; ++h) {
                const RowBatch<T> source(g_source[i * heads + first + h]), target(g_target[i * heads + first + h]);
                for (int v = 0; v < vectors; ++v) {
                    const std::int64_t here = at + h * features + v * row_lanes<T>;
                    const RowBatch<T> x = load_row(z + i * heads * features + here);
                    by_source[h * vectors + v] = xsimd::fma(source, x, by_source[h * vectors + v]);
                    by_target[h * vectors + v] = xsimd::fma(target, x, by_target[h * vectors + v]);
                    RowBatch<T> of_x =
                        xsimd::fma(source, load_row(a_source + here), target * load_row(a_target + here));
                    if (const std::int64_t element = i * heads * features + here; g_kept != nullptr)
                        of_x =
                            of_x + keep_where_set(load_row(g_kept + element) * RowBatch<T>(scale), mask.bits(element));
                    store_first(of_z + i * heads * features + here, of_x, left - v * row_lanes<T>);
                }
            }
        for (int h = 0; h < group; ++h)
            for (int v = 0; v < vectors; ++v) {
                const std::int64_t here = at + h * features + v * row_lanes<T>;
                store_first(of_source + here, by_source[h * vectors + v], left - v * row_lanes<T>);
                store_first(of_target + here, by_target[h * vectors + v], left - v * row_lanes<T>);
            }
    }
};

template <class T>
void gradient_block(const tg_call& call, int z, std::int64_t begin, std::int64_t end, T* of_source, T* of_target) {
    const std::int64_t heads = call.inputs[z].shape[1], features = call.inputs[z].shape[2];
    const bool drops = z == after_kept;
    const GradientBlock<T> part{input<T>(call, 0),
                                input<T>(call, 1),
                                input<T>(call, z),
                                input<T>(call, z + 1),
                                input<T>(call, z + 2),
                                drops ? input<T>(call, 2) : nullptr,
                                drops ? edge_mask(call.inputs[z + 3]) : EdgeMask{},
                                drops ? static_cast<T>(call.reals[0]) : T(1),
                                output<T>(call, 0),
                                of_source,
                                of_target,
                                begin,
                                end,
                                heads,
                                features};
    for_head_groups<T>(heads, features, [&](std::int64_t first, auto group, auto vectors) {
        if constexpr (vectors() == 0) {
            for (std::int64_t k = 0; k < features; k += row_lanes<T>) part.template add<1, 1>(first, k);
        } else {
            part.template add<group(), vectors()>(first, 0);
        }
    });
}

template <class T, int z>
int gradient(tg_context* context, tg_call* call) noexcept {
    const std::int64_t nodes = call->inputs[z].shape[0], width = call->inputs[z + 1].size;
    const std::int64_t blocks = divide_up(nodes, block);
    if (lacks_workspace<T>(call, blocks * 2 * width)) return TG_NEEDS_WORKSPACE;
    T* const parts = workspace<T>(*call);
    parallel_for(*context, blocks, block * 6 * width, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t b = begin; b < end; ++b)
            gradient_block(*call, z, b * block, std::min(nodes, (b + 1) * block), parts + 2 * b * width,
                           parts + (2 * b + 1) * width);
    });
    for (int which = 0; which < 2; ++which)
        for (std::int64_t k = 0; k < width; ++k) {
            double sum = 0;
            for (std::int64_t b = 0; b < blocks; ++b) sum += parts[(2 * b + which) * width + k];
            output<T>(*call, 1 + which)[k] = static_cast<T>(sum);
        }
    return TG_OK;
}

constexpr Kernel table[] = {
    {"attention_scores", {kernel<scores<float>>, kernel<scores<double>>}},
    {"attention_scores_gradient", {gradient<float, after_scores>, gradient<double, after_scores>}},
    {"attention_inputs", {kernel<inputs<float>>, kernel<inputs<double>>}},
    {"attention_inputs_gradient", {gradient<float, after_kept>, gradient<double, after_kept>}},
};

}  // namespace

std::span<const Kernel> attention_score_kernels() { return table; }

}  // namespace tapegrad::simd
