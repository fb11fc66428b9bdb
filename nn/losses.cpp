#include "nn/losses.hpp"

#include <algorithm>
#include <vector>

#include "autograd/errors.hpp"
#include "autograd/ops/loss.hpp"
#include "autograd/ops/segment.hpp"
#include "autograd/ops/shape_ops.hpp"
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

namespace {

// How many rows have their largest logit, the first of equal ones, at their label.
template <class T>
std::size_t count_right(const std::vector<T>& logits, std::span<const std::int32_t> labels) {
    const auto classes = static_cast<std::ptrdiff_t>(logits.size() / labels.size());
    std::size_t right = 0;
    auto row = logits.begin();
    for (const std::int32_t label : labels) {
        right += std::max_element(row, row + classes) - row == label;
        row += classes;
    }
    return right;
}

}  // namespace

double accuracy(const Tensor& logits, const LabelledRows& rows) {
    constexpr std::int64_t chunk = 8192;  // rows, so that a large graph's logits are not copied to the host at once
    const NoTape no_tape;
    const Tensor chosen = gather(logits, rows.rows);
    const std::vector<std::int32_t> labels = rows.labels.values<std::int32_t>();
    const std::span<const std::int32_t> all(labels);
    std::size_t right = 0;
    for (std::int64_t start = 0; start < rows.labels.size(); start += chunk) {
        const std::int64_t count = std::min(chunk, rows.labels.size() - start);
        const auto some = all.subspan(static_cast<std::size_t>(start), static_cast<std::size_t>(count));
        const Tensor part = narrow(chosen, 0, start, start + count);
        right += part.dtype() == DType::f64 ? count_right(part.values<double>(), some)
                                            : count_right(part.values<float>(), some);
    }
    return static_cast<double>(right) / static_cast<double>(labels.size());
}

}  // namespace tapegrad
