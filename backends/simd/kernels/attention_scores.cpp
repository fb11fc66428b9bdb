// attention_scores and its gradient.
#include "backends/simd/kernels/rows.hpp"

namespace tapegrad::simd {
namespace {

template <class T>
void scores(const tg_context& context, const tg_call& call) {
    const std::int64_t heads = call.inputs[0].shape[1], features = call.inputs[0].shape[2], width = heads * features;
    const T *const z = input<T>(call, 0), *const a_source = input<T>(call, 1), *const a_target = input<T>(call, 2);
    parallel_for(context, call.inputs[0].shape[0], 2 * width, [&](std::int64_t begin, std::int64_t end) {
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
    });
}

constexpr std::int64_t block = 64;  // nodes whose part of a sum is added up before the parts are

/// One block of nodes: the gradient of z, and the block's part of those of a_source and a_target.
template <class T>
struct GradientBlock {
    const T *g_source, *g_target, *z, *a_source, *a_target;
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
                    const RowBatch<T> of_x =
                        xsimd::fma(source, load_row(a_source + here), target * load_row(a_target + here));
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
void gradient_block(const tg_call& call, std::int64_t begin, std::int64_t end, T* of_source, T* of_target) {
    const std::int64_t heads = call.inputs[2].shape[1], features = call.inputs[2].shape[2];
    const GradientBlock<T> part{input<T>(call, 0),
                                input<T>(call, 1),
                                input<T>(call, 2),
                                input<T>(call, 3),
                                input<T>(call, 4),
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

template <class T>
int gradient(tg_context* context, tg_call* call) noexcept {
    const std::int64_t nodes = call->inputs[2].shape[0], width = call->inputs[3].size;
    const std::int64_t blocks = divide_up(nodes, block);
    if (lacks_workspace<T>(call, blocks * 2 * width)) return TG_NEEDS_WORKSPACE;
    T* const parts = workspace<T>(*call);
    parallel_for(*context, blocks, block * 6 * width, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t b = begin; b < end; ++b)
            gradient_block(*call, b * block, std::min(nodes, (b + 1) * block), parts + 2 * b * width,
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
    {"attention_scores_gradient", {gradient<float>, gradient<double>}},
};

}  // namespace

std::span<const Kernel> attention_score_kernels() { return table; }

}  // namespace tapegrad::simd
