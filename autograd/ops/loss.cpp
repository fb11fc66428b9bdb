#include "autograd/ops/loss.hpp"

#include <numeric>
#include <vector>

#include <fmt/format.h>

#include "autograd/errors.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/families.hpp"
#include "autograd/ops/infer.hpp"
#include "autograd/ops/reduce.hpp"
#include "autograd/ops/segment.hpp"
#include "autograd/ops/shape_ops.hpp"
#include "autograd/ops/softmax.hpp"
#include "autograd/samples.hpp"

namespace tapegrad {

namespace {

using Call = const VjpCall&;

void check_classification(const InferCall& call, std::size_t scores_input) {
    require_i32(call, scores_input + 1);
    const Shape &scores = call.shape(scores_input), &labels = call.shape(scores_input + 1);
    if (scores.rank() != 2 || labels.rank() != 1 || labels[0] != scores[0] || scores[1] == 0)
        throw ShapeError(call.op, "[N, C], C at least 1, and labels [N]",
                         to_string(scores) + " and " + to_string(labels), "give one label for each row");
}

TensorSpecs infer_classification(const InferCall& call) {
    const DType dtype = common_float(call, 0, 0);
    check_classification(call, 0);
    return {{{}, dtype}};
}

TensorSpecs infer_cross_entropy_gradient(const InferCall& call) {
    const DType dtype = common_float(call, 0, 1);
    check_classification(call, 1);
    if (!call.shape(0).empty())
        throw ShapeError(call.op, "a gradient of shape []", to_string(call.shape(0)), "pass that of the loss");
    return {{call.shape(1), dtype}};
}

// logits [N, C], a grouping of R rows by 0 .. N-1, and labels [R]; they begin at input `first`.
void check_rows(const InferCall& call, std::size_t first) {
    require_grouping(call, first + 1);
    require_i32(call, first + 4);
    const Shape &logits = call.shape(first), &labels = call.shape(first + 4);
    const std::int64_t rows = element_count(call.shape(first + 3)) - 1;
    if (logits.rank() != 2 || logits[1] < 1 || logits[0] != rows || labels != call.shape(first + 1))
        throw ShapeError(call.op,
                         "logits [N, C], C at least 1, rows grouped by 0 .. N-1 and one label for each of these",
                         to_string(logits) + ", " + std::to_string(rows) + " groups and " + to_string(labels),
                         "use the grouping that was made for these logits and labels");
}

TensorSpecs infer_of_rows(const InferCall& call) {
    const DType dtype = common_float(call, 0, 0);
    check_rows(call, 0);
    return {{{}, dtype}};
}

TensorSpecs infer_of_rows_gradient(const InferCall& call) {
    const DType dtype = common_float(call, 0, 1);
    check_rows(call, 1);
    if (!call.shape(0).empty())
        throw ShapeError(call.op, "a gradient of shape []", to_string(call.shape(0)), "pass that of the loss");
    return {{call.shape(1), dtype}};
}

// 0 .. classes-1
Tensor all_classes(const BackendPtr& backend, std::int64_t classes, DType dtype) {
    std::vector<double> numbers(static_cast<std::size_t>(classes));
    std::iota(numbers.begin(), numbers.end(), 0.0);
    return from_values(backend, {classes}, numbers, dtype);
}

// [N, 1]
Tensor label_column(const Tensor& labels, DType dtype) { return reshape(cast(labels, dtype), {labels.size(), 1}); }

// [N, C]: 1 at each row's label, 0 elsewhere; NaN in a row whose label is no class.
Tensor one_hot(const Tensor& labels, std::int64_t classes, DType dtype) {
    if (labels.size() == 0) return Tensor(labels.backend(), {0, classes}, dtype);
    const Tensor hot = equal(label_column(labels, dtype), all_classes(labels.backend(), classes, dtype));
    return hot / sum(hot, {1}, true);
}

// A label's logit has to be above those of the classes before it, and not below those after it.
Tensor count_correct(const Tensor& logits, const Tensor& labels) {
    if (labels.size() == 0) return scalar_like(logits, 0);
    const Tensor classes = all_classes(labels.backend(), logits.shape()[1], logits.dtype());
    const Tensor label = label_column(labels, logits.dtype());
    const Tensor hot = equal(label, classes);
    const Tensor at_label = sum(where(hot, logits, scalar_like(logits, 0)), {1}, true);
    const Tensor above = greater(at_label, logits);
    const Tensor holds = where(greater(label, classes), above, above + equal(at_label, logits));
    const Tensor fails = max(scalar_like(logits, 1) - holds, {1});
    return sum(sum(hot, {1}) * (scalar_like(logits, 1) - fails));
}

Tensor minus_mean_at_labels(const Tensor& labels, const Shape& shape, DType dtype) {
    return one_hot(labels, shape[1], dtype) * (-1.0 / static_cast<double>(shape[0]));
}

std::vector<Sample> classification_samples(SampleSource& s) {
    std::vector<Sample> samples;
    const auto add = [&](std::int64_t rows, std::int64_t classes) {
        samples.push_back({{s.normal({rows, classes}), s.integers({rows}, classes)}, {}});
    };
    for (const std::int64_t classes : row_widths) add(5, classes);
    add(1, 1);
    add(61, 7);
    add(4099, 7);
    // Where a backend may go another way: more rows or classes than one group of threads takes.
    add(10007, 3);
    add(3, 2053);
    return samples;
}

// Rows that are listed once, often and not at all; no rows but one; more than one group of threads takes.
std::vector<Sample> of_rows_samples(SampleSource& s) {
    std::vector<Sample> samples;
    const auto add = [&](std::int64_t all, std::int64_t rows, std::int64_t classes) {
        const Grouping g = s.grouping(rows, all);
        samples.push_back({{s.normal({all, classes}), g.index, g.order, g.offsets, s.integers({rows}, classes)}, {}});
    };
    for (const std::int64_t classes : row_widths) add(7, 5, classes);
    add(1, 1, 1);
    add(3, 11, 4);
    add(211, 61, 7);
    add(2003, 4099, 7);
    add(4, 3, 2053);
    return samples;
}

constexpr const char* rows_inputs = "logits [N, C], index [R], order [R], offsets [N+1], labels [R]";

}  // namespace

std::vector<OpDef> loss_ops() {
    return {
        {.name = "nll_loss",
         .formula = "-mean over rows i of log_probabilities[i, labels[i]]",
         .inputs = {"log_probabilities", "labels"},
         .shapes = "log_probabilities [N, C], labels [N] -> []",
         .infer = infer_classification,
         .compose = [](auto in, const Attributes&) -> Tensors {
             // `where` rather than a product: 0 * -inf at another class would be NaN.
             const Tensor hot = one_hot(in[1], in[0].shape()[1], in[0].dtype());
             const Tensor at_label = where(hot, in[0], scalar_like(in[0], 0));
             return {-(sum(at_label) / sum(hot))};  // the number of rows, or NaN
         },
         .vjp = per_input({[](Call c) {
             return c.gradient() * minus_mean_at_labels(c.input(1), c.input_shape(0), c.input_dtype(0));
         }}),
         .saves = {.inputs = {1}},
         .samples = classification_samples},
        {.name = "cross_entropy",
         .formula = "nll_loss(log_softmax(logits), labels)",
         .inputs = {"logits", "labels"},
         .shapes = "logits [N, C], labels [N] -> []",
         .infer = infer_classification,
         .compose = [](auto in, const Attributes&) -> Tensors { return {nll_loss(log_softmax(in[0]), in[1])}; },
         .vjp = per_input({[](Call c) {
             return apply_one(op_named<"cross_entropy_gradient">(), {c.gradient(), c.input(0), c.input(1)});
         }}),
         .saves = {.inputs = {0, 1}},
         .samples = classification_samples},
        {.name = "cross_entropy_gradient",
         .formula = "g / N * (softmax(logits)[i, c] - (1 where c = labels[i], else 0))",
         .inputs = {"g", "logits", "labels"},
         .shapes = "g [], logits [N, C], labels [N] -> [N, C]",
         .infer = infer_cross_entropy_gradient,
         .compose = [](auto in, const Attributes&) -> Tensors {
             const double rows = static_cast<double>(in[1].shape()[0]);
             const Tensor at_labels = minus_mean_at_labels(in[2], in[1].shape(), in[1].dtype());
             return {in[0] * (softmax(in[1]) / rows + at_labels)};
         },
         .samples =
             [](SampleSource& s) {
                 std::vector<Sample> samples = classification_samples(s);
                 for (Sample& sample : samples) sample.inputs = {s.normal({}), sample.inputs[0], sample.inputs[1]};
                 return samples;
             }},
        {.name = "cross_entropy_of_rows",
         .formula = "cross_entropy(gather(logits, rows), labels)",
         .inputs = {"logits", "index", "order", "offsets", "labels"},
         .shapes = std::string(rows_inputs) + " -> []",
         .infer = infer_of_rows,
         .compose = [](auto in, const Attributes&) -> Tensors {
             return {cross_entropy(gather(in[0], grouping_at(in, 1)), in[4])};
         },
         .vjp = per_input({[](Call c) {
             return apply_one(op_named<"cross_entropy_of_rows_gradient">(),
                              {c.gradient(), c.input(0), c.input(1), c.input(2), c.input(3), c.input(4)});
         }}),
         .saves = {.inputs = {0, 1, 2, 3, 4}},
         .samples = of_rows_samples},
        {.name = "cross_entropy_of_rows_gradient",
         .formula = "scatter_sum(cross_entropy_gradient(g, gather(logits, rows), labels), rows)",
         .inputs = {"g", "logits", "index", "order", "offsets", "labels"},
         .shapes = std::string("g [], ") + rows_inputs + " -> [N, C]",
         .infer = infer_of_rows_gradient,
         .compose = [](auto in, const Attributes&) -> Tensors {
             const Grouping rows = grouping_at(in, 2);
             const Tensor of_rows =
                 apply_one(op_named<"cross_entropy_gradient">(), {in[0], gather(in[1], rows), in[5]});
             return {scatter_sum(of_rows, rows)};
         },
         .samples =
             [](SampleSource& s) {
                 std::vector<Sample> samples = of_rows_samples(s);
                 for (Sample& sample : samples) {
                     Tensors inputs = {s.normal({})};
                     inputs.insert(inputs.end(), sample.inputs.begin(), sample.inputs.end());
                     sample.inputs = inputs;
                 }
                 return samples;
             }},
        {.name = "correct_of_rows",
         .formula = "number of rows i of gather(logits, rows) whose first largest logit is at labels[i]",
         .inputs = {"logits", "index", "order", "offsets", "labels"},
         .shapes = std::string(rows_inputs) + " -> []",
         .infer = infer_of_rows,
         .compose = [](auto in, const Attributes&) -> Tensors {
             return {count_correct(gather(in[0], grouping_at(in, 1)), in[4])};
         },
         .samples =
             [](SampleSource& s) {
                 std::vector<Sample> samples = of_rows_samples(s);
                 // Whole numbers, of which several are the largest.
                 for (std::size_t i = 0, count = samples.size(); i < count; ++i) {
                     samples.push_back(samples[i]);
                     Tensor& logits = samples.back().inputs[0];
                     logits = cast(s.integers(logits.shape(), 3), logits.dtype());
                 }
                 return samples;
             },
         .non_differentiable = "a count: its derivative is 0 wherever it exists"},
        {.name = "mse_loss",
         .formula = "mean of (x - target)^2",
         .inputs = {"x", "target"},
         .shapes = "x [...], target [...] -> []",
         .infer = [](const InferCall& call) -> TensorSpecs {
             const DType dtype = common_float(call, 0, 1);
             if (call.shape(0) != call.shape(1))
                 throw ShapeError("mse_loss", "equal shapes",
                                  to_string(call.shape(0)) + " and " + to_string(call.shape(1)), "reshape one of them");
             return {{{}, dtype}};
         },
         .compose = [](auto in, const Attributes&) -> Tensors {
             const Tensor difference = in[0] - in[1];
             return {mean(difference * difference)};
         },
         .samples = [](SampleSource& s) -> std::vector<Sample> {
             return {{{s.normal({}), s.normal({})}, {}},
                     {{s.normal({5, 3}), s.normal({5, 3})}, {}},
                     {{s.normal({211}), s.normal({211})}, {}}};
         }},
    };
}

Tensor nll_loss(const Tensor& log_probabilities, const Tensor& labels) {
    return apply_one(op_named<"nll_loss">(), {log_probabilities, labels});
}

Tensor cross_entropy(const Tensor& logits, const Tensor& labels) {
    return apply_one(op_named<"cross_entropy">(), {logits, labels});
}

Tensor cross_entropy_of_rows(const Tensor& logits, const Grouping& rows, const Tensor& labels) {
    return apply_one(op_named<"cross_entropy_of_rows">(), {logits, rows.index, rows.order, rows.offsets, labels});
}

Tensor correct_of_rows(const Tensor& logits, const Grouping& rows, const Tensor& labels) {
    return apply_one(op_named<"correct_of_rows">(), {logits, rows.index, rows.order, rows.offsets, labels});
}

Tensor mse_loss(const Tensor& x, const Tensor& target) { return apply_one(op_named<"mse_loss">(), {x, target}); }

void check_labels(const Tensor& labels, std::int64_t classes) {
    const std::vector<std::int32_t> values = labels.values<std::int32_t>();
    for (std::size_t i = 0; i < values.size(); ++i)
        if (values[i] < 0 || values[i] >= classes)
            throw IndexError("labels", fmt::format("classes from 0 to {}", classes - 1),
                             fmt::format("{} at row {}", values[i], i), "check the labels or the number of classes");
}

}  // namespace tapegrad
