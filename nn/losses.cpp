#include "nn/losses.hpp"

#include <algorithm>
#include <vector>

#include "autograd/errors.hpp"
#include "autograd/ops/loss.hpp"
#include "autograd/ops/segment.hpp"
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
    return cross_entropy(gather(logits, rows.rows), rows.labels);
}

double accuracy(const Tensor& logits, const LabelledRows& rows) {
    const NoTape no_tape;
    const std::vector<double> values = gather(logits, rows.rows).values<double>();
    const std::vector<std::int32_t> labels = rows.labels.values<std::int32_t>();
    const auto classes = static_cast<std::ptrdiff_t>(logits.shape().back());
    std::size_t right = 0;
    for (std::size_t row = 0; row < labels.size(); ++row) {
        const auto first = values.begin() + static_cast<std::ptrdiff_t>(row) * classes;
        right += std::max_element(first, first + classes) - first == labels[row];
    }
    return static_cast<double>(right) / static_cast<double>(labels.size());
}

}  // namespace tapegrad
