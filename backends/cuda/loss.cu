// Losses of classifiers, and how many rows are right; a label that is no class makes its row's share of a loss NaN.
// Large blocks add what their rows have in a fixed order. Where one block is through after a few rounds, it takes all
// rows, and there is one launch; else each block takes a round, and a second launch adds their sums.
#include <algorithm>
#include <cmath>

#include "backends/cuda/kernels.cuh"
#include "backends/cuda/team.cuh"

namespace tapegrad::cuda {
namespace {

constexpr int threads = 1024;
constexpr std::int64_t most_rounds = 8;

__device__ bool is_class(std::int32_t label, std::int64_t classes) { return label >= 0 && label < classes; }

template <class T>
struct NegativeLogLikelihood {
    const T* log_probabilities;
    const std::int32_t* labels;
    std::int64_t classes;

    static constexpr const char* name = "nll_loss";
    static Team team(std::int64_t) { return {1, 1}; }

    __device__ T of_row(std::int64_t row, const Team&) const {
        const std::int32_t label = labels[row];
        return is_class(label, classes) ? -log_probabilities[row * classes + label] : static_cast<T>(NAN);
    }
};

template <class T>
struct CrossEntropy {
    const T* logits;
    const std::int32_t* labels;
    std::int64_t classes;
    const std::int32_t* rows = nullptr;  ///< that count; nullptr for all, in order

    static constexpr const char* name = "cross_entropy";
    /// Some classes a thread: its reads wait for memory together.
    static Team team(std::int64_t classes) { return {1, group_for(divide_up(classes, 8))}; }

    __device__ T of_row(std::int64_t row, const Team& team) const {
        const T* const x = logits + (rows == nullptr ? row : rows[row]) * classes;
        const std::int32_t label = labels[row];
        const T largest = team.reduce<Max, T>(classes, [&](std::int64_t c) { return x[c]; });
        const T sum = team.reduce<Sum, T>(classes, [&](std::int64_t c) { return std::exp(x[c] - largest); });
        return is_class(label, classes) ? std::log(sum) - (x[label] - largest) : static_cast<T>(NAN);
    }
};

/// 1 where the label has the first of the largest logits.
template <class T>
struct Correct {
    const T* logits;
    const std::int32_t* labels;
    std::int64_t classes;
    const std::int32_t* rows;

    static constexpr const char* name = "correct_of_rows";
    static Team team(std::int64_t classes) { return CrossEntropy<T>::team(classes); }

    __device__ T of_row(std::int64_t row, const Team& team) const {
        const T* const x = logits + rows[row] * classes;
        const std::int32_t label = labels[row];
        const T at_label = is_class(label, classes) ? x[label] : static_cast<T>(NAN);  // which nothing is below
        return 1 - team.reduce<Max, T>(classes, [&](std::int64_t c) {
            return (c < label ? x[c] < at_label : x[c] <= at_label) ? T(0) : T(1);
        });
    }
};

/// What blocks left, as if each were a row's loss.
struct SumsOfBlocks {
    const double* sums;

    __device__ double of_row(std::int64_t block, const Team&) const { return sums[block]; }
};

/// Of each block: the sum of its rows' losses, divided.
template <class Loss, class Result>
__global__ void __launch_bounds__(threads)
    add_rows(Loss loss, std::int64_t rows, Team team, double divisor, Result* results) {
    const std::int64_t at_once = threads / team.size();
    double sum = 0;
    for (std::int64_t first = blockIdx.x * at_once; first < rows; first += gridDim.x * at_once) {
        const std::int64_t row = first + team.index_in_block();
        // All threads have to come; those without a row take the last one, and drop it.
        const double value = loss.of_row(std::min(row, rows - 1), team);
        if (row < rows && team.rank() == 0) sum += value;
    }
    sum = combine_block<Sum>(sum);
    if (threadIdx.x == 0) results[blockIdx.x] = static_cast<Result>(sum / divisor);
}

template <class T, class Loss>
int sum_over_rows(tg_context& context, tg_call& call, const Loss& loss, std::int64_t rows, double divisor) {
    const Team team = Loss::team(loss.classes);
    const std::int64_t rounds = divide_up(rows * team.size(), threads);
    const auto grid = [](std::int64_t blocks) { return Grid{blocks, threads, threads / warp_size * sizeof(double)}; };
    if (rounds <= most_rounds)
        return launch(context, Loss::name, add_rows<Loss, T>, grid(1), loss, rows, team, divisor, output<T>(call));
    if (lacks_workspace<double>(call, rounds)) return TG_NEEDS_WORKSPACE;
    auto* const sums = workspace<double>(call);
    const int first = launch(context, Loss::name, add_rows<Loss, double>, grid(rounds), loss, rows, team, 1.0, sums);
    if (first != TG_OK) return first;
    return launch(context, Loss::name, add_rows<SumsOfBlocks, T>, grid(1), SumsOfBlocks{sums}, rounds, Team{1, 1},
                  divisor, output<T>(call));
}

template <class T, class Loss>
int mean_over_rows(tg_context& context, tg_call& call, const Loss& loss, std::int64_t rows) {
    return sum_over_rows<T>(context, call, loss, rows, static_cast<double>(rows));
}

template <class T, template <class> class LossOf>
int mean_over_all(tg_context& context, tg_call& call) {
    const std::int64_t* const shape = call.inputs[0].shape;
    return mean_over_rows<T>(context, call, LossOf<T>{input<T>(call, 0), input<std::int32_t>(call, 1), shape[1]},
                             shape[0]);
}
template <class T>
int cross_entropy_of_rows(tg_context& context, tg_call& call) {
    const CrossEntropy<T> loss = {input<T>(call, 0), input<std::int32_t>(call, 4), call.inputs[0].shape[1],
                                  input<std::int32_t>(call, 1)};
    return mean_over_rows<T>(context, call, loss, call.inputs[4].size);
}

template <class T>
int correct_of_rows(tg_context& context, tg_call& call) {
    const Correct<T> correct = {input<T>(call, 0), input<std::int32_t>(call, 4), call.inputs[0].shape[1],
                                input<std::int32_t>(call, 1)};
    return sum_over_rows<T>(context, call, correct, call.inputs[4].size, 1);
}

/// Where a row of logits has its labels.
struct LabelsOfRows {
    const std::int32_t* labels;
    const std::int32_t *order, *offsets;  ///< nullptr if each row has one

    __device__ std::int64_t begin(std::int64_t row) const { return offsets == nullptr ? row : offsets[row]; }
    __device__ std::int64_t end(std::int64_t row) const { return offsets == nullptr ? row + 1 : offsets[row + 1]; }
    __device__ std::int32_t at(std::int64_t p) const { return labels[order == nullptr ? p : order[p]]; }
};

/// factor * (softmax(logits) - 1 at the label), summed over the labels of a row.
template <class T>
__global__ void gradient_of_rows(const T* __restrict__ g, const T* __restrict__ logits, LabelsOfRows labels,
                                 std::int64_t label_count, T* __restrict__ y, std::int64_t rows, std::int64_t classes,
                                 Team team) {
    const std::int64_t row = team.index();
    const std::int64_t begin = row < rows ? labels.begin(row) : 0, end = row < rows ? labels.end(row) : 0;
    const std::int64_t count = begin < end ? classes : 0;
    const T* const x = logits + row * classes;
    const T largest = team.reduce<Max, T>(count, [&](std::int64_t c) { return x[c]; });
    const T sum = team.reduce<Sum, T>(count, [&](std::int64_t c) { return std::exp(x[c] - largest); });
    if (row >= rows) return;
    const T factor = *g / static_cast<T>(label_count);
    for (std::int64_t c = team.rank(); c < classes; c += team.ranks) {
        T total = 0;
        for (std::int64_t p = begin; p < end; ++p) {
            const std::int32_t label = labels.at(p);
            const T divisor = is_class(label, classes) ? sum : static_cast<T>(NAN);
            total += std::exp(x[c] - largest) / divisor * factor - (c == label ? factor : T(0));
        }
        y[row * classes + c] = total;
    }
}
template <class T>
int cross_entropy_gradient(tg_context& context, tg_call& call, const char* name, const LabelsOfRows& labels,
                           std::int64_t label_count) {
    if (call.outputs[0].size == 0) return TG_OK;
    const std::int64_t rows = call.inputs[1].shape[0], classes = call.inputs[1].shape[1];
    const Team team = team_for(classes);
    return launch(context, name, gradient_of_rows<T>, one_team_each<T>(rows, team), input<T>(call, 0),
                  input<T>(call, 1), labels, label_count, output<T>(call), rows, classes, team);
}
template <class T>
int gradient_of_all(tg_context& context, tg_call& call) {
    return cross_entropy_gradient<T>(context, call, "cross_entropy_gradient",
                                     {input<std::int32_t>(call, 2), nullptr, nullptr}, call.inputs[2].size);
}
template <class T>
int gradient_of_some(tg_context& context, tg_call& call) {
    return cross_entropy_gradient<T>(
        context, call, "cross_entropy_of_rows_gradient",
        {input<std::int32_t>(call, 5), input<std::int32_t>(call, 3), input<std::int32_t>(call, 4)},
        call.inputs[5].size);
}

constexpr Kernel table[] = {
    {"nll_loss",
     {kernel<mean_over_all<float, NegativeLogLikelihood>>, kernel<mean_over_all<double, NegativeLogLikelihood>>}},
    {"cross_entropy", {kernel<mean_over_all<float, CrossEntropy>>, kernel<mean_over_all<double, CrossEntropy>>}},
    {"cross_entropy_gradient", {kernel<gradient_of_all<float>>, kernel<gradient_of_all<double>>}},
    {"cross_entropy_of_rows", {kernel<cross_entropy_of_rows<float>>, kernel<cross_entropy_of_rows<double>>}},
    {"correct_of_rows", {kernel<correct_of_rows<float>>, kernel<correct_of_rows<double>>}},
    {"cross_entropy_of_rows_gradient", {kernel<gradient_of_some<float>>, kernel<gradient_of_some<double>>}},
};

}  // namespace

std::span<const Kernel> loss_kernels() { return table; }

}  // namespace tapegrad::cuda
