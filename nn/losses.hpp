// Loss and accuracy over some of the rows, as in training on a part of a graph's nodes.
#pragma once

#include <cstdint>
#include <span>

#include "autograd/grouping.hpp"

namespace tapegrad {

/// R rows of a [N, C] tensor, and what class each is.
struct LabelledRows {
    Grouping rows;  ///< R entries: the row of each
    Tensor labels;  ///< i32 [R]
};

/// Prepares rows; `labels` [N] holds those of all rows. Throws DataError for no rows at all, IndexError for a row
/// outside 0 .. N-1 or a label of one of the rows outside 0 .. classes-1.
LabelledRows make_labelled_rows(const BackendPtr& backend, std::span<const std::int32_t> rows,
                                std::span<const std::int32_t> labels, std::int64_t classes);

/// The mean cross entropy of these rows of logits [N, C].
Tensor cross_entropy(const Tensor& logits, const LabelledRows& rows);

/// How many of these rows of logits [N, C] have their largest logit (the first of equal ones) at their class; [], never
/// recorded.
Tensor count_correct(const Tensor& logits, const LabelledRows& rows);
/// The fraction of the rows that are.
double accuracy(const Tensor& logits, const LabelledRows& rows);

}  // namespace tapegrad
