// Losses of classifiers. A label that is no class makes its row's share NaN.
#include "backends/simd/kernels/softmax.hpp"

namespace tapegrad::simd {
namespace {

constexpr std::int64_t block = 128;  // rows whose losses are added first

bool is_class(std::int32_t label, std::int64_t classes) { return label >= 0 && label < classes; }

template <class T>
T negative_log_likelihood(const T* log_probabilities, std::int64_t, std::int32_t label) {
    return -log_probabilities[label];
}

/// -log_softmax(logits)[label]
template <class T>
T cross_entropy_of_row(const T* logits, std::int64_t classes, std::int32_t label) {
    const T largest = largest_of_row(logits, classes);
    return logarithm_of(sum_of_exponentials(logits, classes, largest)) - (logits[label] - largest);
}

/// The mean of loss(row, classes, label) over rows.
template <class T, T (*loss)(const T*, std::int64_t, std::int32_t)>
int mean_over_rows(tg_context* context, tg_call* call) noexcept {
    const std::int64_t rows = call->inputs[0].shape[0], classes = call->inputs[0].shape[1];
    const std::int64_t blocks = divide_up(rows, block);
    if (lacks_workspace<double>(call, blocks)) return TG_NEEDS_WORKSPACE;
    const T* const x = input<T>(*call, 0);
    const std::int32_t* const labels = input<std::int32_t>(*call, 1);
    auto* const sums = workspace<double>(*call);
    parallel_for(*context, blocks, block * (classes + 32), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t b = begin; b < end; ++b) {
            sums[b] = 0;
            for (std::int64_t i = b * block; i < std::min(rows, (b + 1) * block); ++i)
                sums[b] += is_class(labels[i], classes) ? loss(x + i * classes, classes, labels[i])
                                                        : std::numeric_limits<T>::quiet_NaN();
        }
    });
    double sum = 0;
    for (std::int64_t b = 0; b < blocks; ++b) sum += sums[b];
    *output<T>(*call) = static_cast<T>(sum / static_cast<double>(rows));
    return TG_OK;
}

/// g / rows * (softmax(logits) - 1 at the label)
template <class T>
void cross_entropy_gradient(const tg_context& context, const tg_call& call) {
    const std::int64_t rows = call.inputs[1].shape[0], classes = call.inputs[1].shape[1];
    const std::int32_t* const labels = input<std::int32_t>(call, 2);
    const T factor = *input<T>(call, 0) / static_cast<T>(rows);
    parallel_for(context, rows, 2 * classes + 64, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const T* const x = input<T>(call, 1) + i * classes;
            T* const y = output<T>(call) + i * classes;
            const T largest = largest_of_row(x, classes);
            const T sum = is_class(labels[i], classes) ? sum_of_exponentials(x, classes, largest)
                                                       : std::numeric_limits<T>::quiet_NaN();
            for_vectors_of_row(x, classes, [&](std::int64_t c, const Batch<T>& v, std::int64_t used) {
                store_first(y + c, exponential(v - Batch<T>(largest)) / Batch<T>(sum) * Batch<T>(factor), used);
            });
            if (is_class(labels[i], classes)) y[labels[i]] -= factor;
        }
    });
}

constexpr Kernel table[] = {
    {"nll_loss",
     {mean_over_rows<float, negative_log_likelihood<float>>, mean_over_rows<double, negative_log_likelihood<double>>}},
    {"cross_entropy",
     {mean_over_rows<float, cross_entropy_of_row<float>>, mean_over_rows<double, cross_entropy_of_row<double>>}},
    {"cross_entropy_gradient", {kernel<cross_entropy_gradient<float>>, kernel<cross_entropy_gradient<double>>}},
};

}  // namespace

std::span<const Kernel> loss_kernels() { return table; }

}  // namespace tapegrad::simd
