#include "autograd/ops/segment.hpp"

#include "autograd/errors.hpp"
#include "autograd/kernels.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/families.hpp"
#include "autograd/ops/functions.hpp"
#include "autograd/ops/infer.hpp"
#include "autograd/ops/shape_ops.hpp"
#include "autograd/samples.hpp"

namespace tapegrad {

namespace {

using Call = const VjpCall&;

// All ops here take (data, index, order, offsets): the grouping travels as three i32 inputs.
Grouping grouping_of(std::span<const Tensor> in) { return grouping_at(in, 1); }
Grouping grouping_of(Call c) { return {c.input(1), c.input(2), c.input(3)}; }

void check_grouping(const InferCall& call, std::int64_t rows_needed, const char* what) {
    require_grouping(call, 1);
    if (call.shape(0).empty() || call.shape(0)[0] != rows_needed)
        throw ShapeError(
            call.op, std::string("data with one row for each ") + what + ", " + std::to_string(rows_needed) + " here",
            to_string(call.shape(0)), "use the grouping that was made for this data");
}

TensorSpecs infer_gather(const InferCall& call) {
    check_grouping(call, element_count(call.shape(3)) - 1, "group");
    Shape shape = call.shape(0);
    shape[0] = call.shape(1)[0];
    return {{shape, call.dtype(0)}};
}

TensorSpecs infer_scatter(const InferCall& call) {
    common_float(call, 0, 0);
    check_grouping(call, element_count(call.shape(1)), "entry");
    Shape shape = call.shape(0);
    shape[0] = call.shape(3)[0] - 1;
    return {{shape, call.dtype(0)}};
}

TensorSpecs infer_per_entry(const InferCall& call) {
    infer_scatter(call);
    return {call.spec(0)};
}

// The kernels see rows: [rows, width], whatever axes follow the first.
Tensor as_rows(const Tensor& x) {
    std::int64_t width = 1;
    for (std::size_t axis = 1; axis < x.rank(); ++axis) width *= x.shape()[axis];
    return x.alias({x.shape()[0], width});
}

Run run_on_rows(const char* kernel) {
    return [id = KernelId(kernel)](auto in, const Attributes&, const TensorSpecs& specs) -> Tensors {
        const Tensor result(in[0].backend(), specs[0].shape, specs[0].dtype);
        call_kernel(id, {as_rows(in[0]), in[1], in[2], in[3]}, as_rows(result));
        return {result};
    };
}

// How many entries each group has, at least 1, in the shape [G, 1, ...] that broadcasts against [G, ...].
Tensor group_sizes(const Grouping& grouping, const Tensor& like) {
    const std::int64_t groups = grouping.groups();
    const Tensor offsets = cast(grouping.offsets, like.dtype());
    const Tensor sizes = narrow(offsets, 0, 1, groups + 1) - narrow(offsets, 0, 0, groups);
    Dims shape;
    for (std::size_t axis = 0; axis < like.rank(); ++axis) shape.push_back(axis == 0 ? groups : 1);
    return reshape(maximum(sizes, scalar_like(sizes, 1)), shape);
}

Sample sample(const Tensor& data, const Grouping& g) { return {{data, g.index, g.order, g.offsets}, {}}; }

// One row an entry: few and many entries, empty groups, one group, no entries, extra axes.
std::vector<Sample> entry_samples(SampleSource& s, Tensor (SampleSource::*draw)(const Shape&)) {
    std::vector<Sample> samples = {
        sample((s.*draw)({7}), s.grouping(7, 3)),         sample((s.*draw)({5, 2}), s.grouping(5, 11)),
        sample((s.*draw)({6, 2, 3}), s.grouping(6, 1)),   sample((s.*draw)({0, 3}), s.grouping(0, 4)),
        sample((s.*draw)({1, 1}), s.grouping(1, 1)),      sample((s.*draw)({211, 3}), s.grouping(211, 53)),
        sample((s.*draw)({4099, 7}), s.grouping(4099, 2))};
    for (const std::int64_t width : row_widths) samples.push_back(sample((s.*draw)({23, width}), s.grouping(23, 9)));
    return samples;
}

std::vector<Sample> normal_entries(SampleSource& s) { return entry_samples(s, &SampleSource::normal); }
std::vector<Sample> distinct_entries(SampleSource& s) { return entry_samples(s, &SampleSource::distinct); }

std::vector<Sample> gather_samples(SampleSource& s) {
    std::vector<Sample> samples = {
        sample(s.normal({3}), s.grouping(7, 3)),        sample(s.normal({11, 2}), s.grouping(5, 11)),
        sample(s.normal({1, 2, 3}), s.grouping(6, 1)),  sample(s.normal({4, 3}), s.grouping(0, 4)),
        sample(s.normal({53, 3}), s.grouping(211, 53)), sample(s.normal({2, 7}), s.grouping(4099, 2))};
    for (const std::int64_t width : row_widths) samples.push_back(sample(s.normal({9, width}), s.grouping(23, 9)));
    return samples;
}

}  // namespace

std::vector<OpDef> segment_ops() {
    return {
        {.name = "gather",
         .formula = "out[e] = x[index[e]]",
         .inputs = {"x", "index", "order", "offsets"},
         .shapes = "x [N, ...], index [E], order [E], offsets [N+1] -> [E, ...]",
         .infer = infer_gather,
         .run = run_on_rows("gather"),
         .vjp = per_input({[](Call c) { return scatter_sum(c.gradient(), grouping_of(c)); }}),
         .saves = {.inputs = {1, 2, 3}},
         .samples = gather_samples},
        {.name = "scatter_sum",
         .formula = "out[s] = sum of x[e] over the entries e with index[e] = s",
         .inputs = {"x", "index", "order", "offsets"},
         .shapes = "x [E, ...], index [E], order [E], offsets [S+1] -> [S, ...]",
         .infer = infer_scatter,
         .run = run_on_rows("scatter_sum"),
         .vjp = per_input({[](Call c) { return gather(c.gradient(), grouping_of(c)); }}),
         .saves = {.inputs = {1, 2, 3}},
         .samples = normal_entries},
        {.name = "scatter_mean",
         .formula = "out[s] = mean of x[e] over the entries e with index[e] = s",
         .inputs = {"x", "index", "order", "offsets"},
         .shapes = "x [E, ...], index [E], order [E], offsets [S+1] -> [S, ...]",
         .infer = infer_scatter,
         .compose = [](auto in, const Attributes&) -> Tensors {
             return {scatter_sum(in[0], grouping_of(in)) / group_sizes(grouping_of(in), in[0])};
         },
         .vjp = per_input(
             {[](Call c) { return gather(c.gradient() / group_sizes(grouping_of(c), c.gradient()), grouping_of(c)); }}),
         .saves = {.inputs = {1, 2, 3}},
         .samples = normal_entries},
        {.name = "scatter_max",
         .formula = "out[s] = largest x[e] over the entries e with index[e] = s; equal largest ones share the gradient",
         .inputs = {"x", "index", "order", "offsets"},
         .shapes = "x [E, ...], index [E], order [E], offsets [S+1] -> [S, ...]",
         .infer = infer_scatter,
         .run = run_on_rows("scatter_max"),
         .vjp = per_input({[](Call c) {
             const Grouping g = grouping_of(c);
             const Tensor is_largest = equal(c.input(0), gather(c.output(), g));
             const Tensor how_many = scatter_sum(is_largest, g);
             return is_largest * gather(c.gradient() / maximum(how_many, scalar_like(how_many, 1)), g);
         }}),
         .saves = {.inputs = {0, 1, 2, 3}, .outputs = {0}},
         .samples = distinct_entries},
        {.name = "scatter_softmax",
         .formula = "out[e] = exp(x[e] - max_s) / sum of exp(x[k] - max_s) over the entries k of e's group s",
         .inputs = {"x", "index", "order", "offsets"},
         .shapes = "x [E, ...], index [E], order [E], offsets [S+1] -> [E, ...]",
         .infer = infer_per_entry,
         .compose = [](auto in, const Attributes&) -> Tensors {
             const Grouping g = grouping_of(in);
             const Tensor exponentials = exp(in[0] - gather(scatter_max(in[0], g), g));
             const Tensor sums = scatter_sum(exponentials, g);
             // A group that is all -inf sums to 0: its rows become 0 / 1.
             const Tensor divisors = where(sums, sums, scalar_like(sums, 1));
             return {exponentials / gather(divisors, g)};
         },
         .vjp = per_input({[](Call c) {
             const Grouping g = grouping_of(c);
             const Tensor weighted = c.gradient() * c.output();
             return weighted - c.output() * gather(scatter_sum(weighted, g), g);
         }}),
         .saves = {.inputs = {1, 2, 3}, .outputs = {0}},
         .samples = normal_entries},
    };
}

namespace {

Tensor apply_to_rows(const OpDef& op, const Tensor& x, const Grouping& g) {
    return apply_one(op, {x, g.index, g.order, g.offsets});
}

}  // namespace

Tensor gather(const Tensor& x, const Grouping& grouping) { return apply_to_rows(op_named<"gather">(), x, grouping); }

Tensor scatter_sum(const Tensor& x, const Grouping& grouping) {
    return apply_to_rows(op_named<"scatter_sum">(), x, grouping);
}

Tensor scatter_mean(const Tensor& x, const Grouping& grouping) {
    return apply_to_rows(op_named<"scatter_mean">(), x, grouping);
}

Tensor scatter_max(const Tensor& x, const Grouping& grouping) {
    return apply_to_rows(op_named<"scatter_max">(), x, grouping);
}

Tensor scatter_softmax(const Tensor& x, const Grouping& grouping) {
    return apply_to_rows(op_named<"scatter_softmax">(), x, grouping);
}

}  // namespace tapegrad
