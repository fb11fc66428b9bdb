// attention_scores and its gradient.
#include "backends/simd/kernels/rows.hpp"

namespace tapegrad::simd {
namespace {

/// The sum of x[k] * y[k].
template <class T>
T dot(const T* x, const T* y, std::int64_t size) {
    T sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t k = 0; k < size; ++k) sum += x[k] * y[k];
    return sum;
}

/// Heads whose vectors are known when compiled.
template <class T, int group, int vectors>
void score_group(const T* z, const T* a, T* scores) {
    RowBatch<T> products[group];
    for (int h = 0; h < group; ++h) {
        products[h] = RowBatch<T>(T(0));
        for (int v = 0; v < vectors; ++v) {
            const std::int64_t at = (h * vectors + v) * row_lanes<T>;
            products[h] = xsimd::fma(load_row(z + at), load_row(a + at), products[h]);
        }
    }
    sums_within<group>(products, scores);
}

template <class T>
void scores(const tg_context& context, const tg_call& call) {
    const std::int64_t heads = call.inputs[0].shape[1], features = call.inputs[0].shape[2], width = heads * features;
    const T *const z = input<T>(call, 0), *const a_source = input<T>(call, 1), *const a_target = input<T>(call, 2);
    parallel_for(context, call.inputs[0].shape[0], 2 * width, [&](std::int64_t begin, std::int64_t end) {
        const auto each_head = [&](std::int64_t first, auto group, auto vectors) {
            for (std::int64_t i = begin; i < end; ++i) {
                const T* const row = z + i * width + first * features;
                T* const source = output<T>(call, 0) + i * heads + first;
                T* const target = output<T>(call, 1) + i * heads + first;
                if constexpr (vectors() == 0) {
                    *source = dot(row, a_source + first * features, features);
                    *target = dot(row, a_target + first * features, features);
                } else {
                    score_group<T, group(), vectors()>(row, a_source + first * features, source);
                    score_group<T, group(), vectors()>(row, a_target + first * features, target);
                }
            }
        };
        if (features % row_lanes<T> == 0)
            for_head_groups<T>(heads, features, each_head);
        else
            for (std::int64_t h = 0; h < heads; ++h)
                each_head(h, std::integral_constant<int, 1>(), std::integral_constant<int, 0>());
    });
}

constexpr std::int64_t block = 256;  // nodes whose part of a sum is added up before the parts are

/// One block of nodes: the gradient of z, and the block's part of those of a_source and a_target.
template <class T>
void gradient_block(const tg_call& call, std::int64_t begin, std::int64_t end, T* of_source, T* of_target) {
    const std::int64_t heads = call.inputs[2].shape[1], features = call.inputs[2].shape[2], width = heads * features;
    const T *const a_source = input<T>(call, 3), *const a_target = input<T>(call, 4);
    std::fill_n(of_source, width, T(0));
    std::fill_n(of_target, width, T(0));
    for (std::int64_t i = begin; i < end; ++i)
        for (std::int64_t h = 0; h < heads; ++h) {
            const T source = input<T>(call, 0)[i * heads + h], target = input<T>(call, 1)[i * heads + h];
            const T* const z = input<T>(call, 2) + i * width;
            T* const of_z = output<T>(call, 0) + i * width;
#pragma omp simd
            for (std::int64_t k = h * features; k < (h + 1) * features; ++k) {
                of_z[k] = source * a_source[k] + target * a_target[k];
                of_source[k] += source * z[k];
                of_target[k] += target * z[k];
            }
        }
}

template <class T>
int gradient(tg_context* context, tg_call* call) noexcept {
    const std::int64_t nodes = call->inputs[2].shape[0], width = call->inputs[3].size;
    const std::int64_t blocks = (nodes + block - 1) / block;
    const std::size_t needed = static_cast<std::size_t>(blocks * 2 * width) * sizeof(T);
    if (call->workspace_size < needed) {
        call->workspace_size = needed;
        return TG_NEEDS_WORKSPACE;
    }
    T* const parts = static_cast<T*>(call->workspace);
    parallel_for(*context, blocks, block * 6 * width, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t b = begin; b < end; ++b)
            gradient_block(*call, b * block, std::min(nodes, (b + 1) * block), parts + 2 * b * width,
                           parts + (2 * b + 1) * width);
    });
    for (int which = 0; which < 2; ++which) {
        T* const sum = output<T>(*call, 1 + which);
        std::fill_n(sum, width, T(0));
        for (std::int64_t b = 0; b < blocks; ++b)
            for (std::int64_t k = 0; k < width; ++k) sum[k] += parts[(2 * b + which) * width + k];
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
