// Losses of classifiers, each the mean over rows, and how many rows are right. All have one element.
#pragma once

#include "autograd/grouping.hpp"

namespace tapegrad {

/// -mean_i log_probabilities[i, labels[i]]; [N, C] and i32 [N]. A label
/// outside 0 .. C-1 makes the loss NaN; check_labels names it.
Tensor nll_loss(const Tensor& log_probabilities, const Tensor& labels);
/// nll_loss of log_softmax(logits).
Tensor cross_entropy(const Tensor& logits, const Tensor& labels);
/// The same over some rows of logits [N, C]: `rows` groups R entries by their row, labels i32 [R] has one for each.
Tensor cross_entropy_of_rows(const Tensor& logits, const Grouping& rows, const Tensor& labels);
/// How many of these rows have their largest logit, the first of equal ones, at their label; none of those with a NaN.
/// Exact up to 2^24 rows in f32.
Tensor correct_of_rows(const Tensor& logits, const Grouping& rows, const Tensor& labels);
/// mean (x - target)^2 over all elements.
Tensor mse_loss(const Tensor& x, const Tensor& target);

/// Throws IndexError that names the first label outside 0 .. classes-1.
void check_labels(const Tensor& labels, std::int64_t classes);

}  // namespace tapegrad
