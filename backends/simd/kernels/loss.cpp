// Losses of classifiers, and how many rows are right. A label that is no class makes its row's share of a loss NaN.
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

/// 1 where the label has the first of the largest logits.
template <class T>
T is_correct(const T* logits, std::int64_t classes, std::int32_t label) {
    bool holds = logits[label] == logits[label];  // no NaN
    for (std::int64_t c = 0; c < label; ++c) holds &= logits[c] < logits[label];
    for (std::int64_t c = label + 1; c < classes; ++c) holds &= logits[c] <= logits[label];
    return holds ? 1 : 0;
}

/// The sum of of_row(row, classes, label) over rows, divided; of all rows if `rows` is nullptr. Those whose label is no
/// class have `without_class`.
template <class T, T (*of_row)(const T*, std::int64_t, std::int32_t)>
int sum_over_rows(tg_context& context, tg_call& call, const std::int32_t* rows, const tg_array& labels_of_rows,
                  double divisor, T without_class) {
    const std::int64_t count = labels_of_rows.size, classes = call.inputs[0].shape[1];
    const std::int64_t blocks = divide_up(count, block);
    if (lacks_workspace<double>(&call, blocks)) return TG_NEEDS_WORKSPACE;
    const T* const x = input<T>(call, 0);
    const auto* const labels = static_cast<const std::int32_t*>(labels_of_rows.data);
    auto* const sums = workspace<double>(call);
    parallel_for(context, blocks, block * (classes + 32), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t b = begin; b < end; ++b) {
            sums[b] = 0;
            for (std::int64_t i = b * block; i < std::min(count, (b + 1) * block); ++i) {
                const std::int64_t row = rows == nullptr ? i : rows[i];
                sums[b] += is_class(labels[i], classes) ? of_row(x + row * classes, classes, labels[i]) : without_class;
            }
        }
    });
    double sum = 0;
    for (std::int64_t b = 0; b < blocks; ++b) sum += sums[b];
    *output<T>(call) = static_cast<T>(sum / divisor);
    return TG_OK;
}
template <class T, T (*loss)(const T*, std::int64_t, std::int32_t)>
int mean_over_rows(tg_context& context, tg_call& call, const std::int32_t* rows, const tg_array& labels_of_rows) {
    return sum_over_rows<T, loss>(context, call, rows, labels_of_rows, static_cast<double>(labels_of_rows.size),
                                  std::numeric_limits<T>::quiet_NaN());
}
template <class T, T (*loss)(const T*, std::int64_t, std::int32_t)>
int mean_over_all(tg_context* context, tg_call* call) noexcept {
    return mean_over_rows<T, loss>(*context, *call, nullptr, call->inputs[1]);
}
template <class T>
int cross_entropy_of_rows(tg_context* context, tg_call* call) noexcept {
    return mean_over_rows<T, cross_entropy_of_row<T>>(*context, *call, input<std::int32_t>(*call, 1), call->inputs[4]);
}

template <class T>
int correct_of_rows(tg_context* context, tg_call* call) noexcept {
    return sum_over_rows<T, is_correct<T>>(*context, *call, input<std::int32_t>(*call, 1), call->inputs[4], 1, T(0));
}

/// y = factor * (softmax(x) - 1 at the label)
template <class T>
void gradient_of_row(const T* x, std::int64_t classes, std::int32_t label, T factor, T* y) {
    const T largest = largest_of_row(x, classes);
    const T sum =
        is_class(label, classes) ? sum_of_exponentials(x, classes, largest) : std::numeric_limits<T>::quiet_NaN();
    for_vectors_of_row(x, classes, [&](std::int64_t c, const Batch<T>& v, std::int64_t used) {
        store_first(y + c, exponential(v - Batch<T>(largest)) / Batch<T>(sum) * Batch<T>(factor), used);
    });
    if (is_class(label, classes)) y[label] -= factor;
}

/// g / rows * (softmax(logits) - 1 at the label)
template <class T>
void cross_entropy_gradient(const tg_context& context, const tg_call& call) {
    const std::int64_t rows = call.inputs[1].shape[0], classes = call.inputs[1].shape[1];
    const std::int32_t* const labels = input<std::int32_t>(call, 2);
    const T factor = *input<T>(call, 0) / static_cast<T>(rows);
    parallel_for(context, rows, 2 * classes + 64, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i)
            gradient_of_row(input<T>(call, 1) + i * classes, classes, labels[i], factor, output<T>(call) + i * classes);
    });
}

/// The same for rows that are listed any number of times.
template <class T>
int cross_entropy_of_rows_gradient(tg_context* context, tg_call* call) noexcept {
    const std::int64_t all = call->inputs[1].shape[0], classes = call->inputs[1].shape[1];
    const std::int32_t *const order = input<std::int32_t>(*call, 3), *const offsets = input<std::int32_t>(*call, 4),
                              *const labels = input<std::int32_t>(*call, 5);
    const std::int64_t room = classes + lanes<T>;  // for one row of a thread
    if (lacks_workspace<T>(call, room * context->threads)) return TG_NEEDS_WORKSPACE;
    const T factor = *input<T>(*call, 0) / static_cast<T>(call->inputs[5].size);
    const std::int64_t of_labels = (2 * classes + 64) * call->inputs[5].size / std::max<std::int64_t>(all, 1);
    parallel_for(*context, all, classes / 8 + 4 + of_labels,
                 [&](std::int64_t begin, std::int64_t end, std::int64_t part) {
                     T* const further = workspace<T>(*call) + part * room;
                     for (std::int64_t i = begin; i < end; ++i) {
                         const T* const x = input<T>(*call, 1) + i * classes;
                         T* const y = output<T>(*call) + i * classes;
                         if (offsets[i] == offsets[i + 1]) std::fill_n(y, classes, T(0));
                         for (std::int32_t p = offsets[i]; p < offsets[i + 1]; ++p) {
                             const bool is_first = p == offsets[i];
                             gradient_of_row(x, classes, labels[order[p]], factor, is_first ? y : further);
                             for (std::int64_t c = 0; !is_first && c < classes; ++c) y[c] += further[c];
                         }
                     }
                 });
    return TG_OK;
}

constexpr Kernel table[] = {
    {"nll_loss",
     {mean_over_all<float, negative_log_likelihood<float>>, mean_over_all<double, negative_log_likelihood<double>>}},
    {"cross_entropy",
     {mean_over_all<float, cross_entropy_of_row<float>>, mean_over_all<double, cross_entropy_of_row<double>>}},
    {"cross_entropy_gradient", {kernel<cross_entropy_gradient<float>>, kernel<cross_entropy_gradient<double>>}},
    {"cross_entropy_of_rows", {cross_entropy_of_rows<float>, cross_entropy_of_rows<double>}},
    {"correct_of_rows", {correct_of_rows<float>, correct_of_rows<double>}},
    {"cross_entropy_of_rows_gradient", {cross_entropy_of_rows_gradient<float>, cross_entropy_of_rows_gradient<double>}},
};

}  // namespace

std::span<const Kernel> loss_kernels() { return table; }

}  // namespace tapegrad::simd
