#include "nn/losses.hpp"

#include <vector>

#include "autograd/errors.hpp"
#include "autograd/ops/loss.hpp"
#include "autograd/tape.hpp"

namespace tapegrad {

LabelledRows make_labelled_rows(const BackendPtr& backend, std::span<const std::int32_t> rows,
                                std::span<const std::int32_t> labels, std::int64_t classes) {
    if (rows.empty())
        throw DataError("make_labelled_rows", "at least one row", "none", "put nodes into every split that is used");
    const Grouping grouping = make_grouping(backend, rows, static_cast<std::int64_t>(labels.size()));
    std::vector<std::int32_t> labels_of_rows;
    for (const std::int32_t row : rows) labels_of_rows.push_back(labels[static_cast<std::size_t>(row)]);
    const Tensor chosen = from_values(backend, {grouping.entries()}, std::span<const std::int32_t>(labels_of_rows));
    check_labels(chosen, classes);
    return {grouping, chosen};
}

Tensor cross_entropy(const Tensor& logits, const LabelledRows& rows) {
    return cross_entropy_of_rows(logits, rows.rows, rows.labels);
}

Tensor count_correct(const Tensor& logits, const LabelledRows& rows) {
    const NoTape no_tape;
    return correct_of_rows(logits, rows.rows, rows.labels);
}

double accuracy(const Tensor& logits, const LabelledRows& rows) {
    return count_correct(logits, rows).item() / static_cast<double>(rows.labels.size());
}

}  // namespace tapegrad
