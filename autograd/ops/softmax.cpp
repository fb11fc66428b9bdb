#include "autograd/ops/softmax.hpp"

#include "autograd/errors.hpp"

#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/families.hpp"
#include "autograd/ops/functions.hpp"
#include "autograd/ops/infer.hpp"
#include "autograd/ops/reduce.hpp"
#include "autograd/ops/shape_ops.hpp"
#include "autograd/samples.hpp"

namespace tapegrad {

namespace {

using Call = const VjpCall&;

Dims axis_of(const Attributes& attributes) { return {attributes.integer("axis")}; }
Dims axis_of(Call c) { return axis_of(c.attributes); }

TensorSpecs infer_without_axis(const InferCall& call) {
    const DType dtype = common_float(call, 0, 0);
    Shape shape = call.shape(0);
    const std::size_t axis = normalise_axis(call.op, call.attributes.integer("axis"), shape.rank());
    if (shape[axis] == 0)
        throw ShapeError(call.op, "at least one element along the axis", to_string(shape),
                         "skip the call for empty tensors");
    shape.erase(axis);
    return {{shape, dtype}};
}

TensorSpecs infer_along_axis(const InferCall& call) {
    infer_without_axis(call);
    return infer_same(call);
}

Tensor with_axis_kept(const Tensor& reduced, const Shape& full, const Attributes& attributes) {
    Shape shape = full;
    shape[normalise_axis("softmax", attributes.integer("axis"), full.rank())] = 1;
    return reshape(reduced, shape);
}

Attributes along(std::int64_t axis) { return {{"axis", axis}}; }

std::vector<Sample> softmax_samples(SampleSource& s) {
    std::vector<Sample> samples = {{{s.normal({5})}, along(0)},       {{s.normal({3, 7})}, along(-1)},
                                   {{s.normal({3, 7})}, along(0)},    {{s.normal({2, 3, 5})}, along(1)},
                                   {{s.normal({4, 1})}, along(1)},    {{s.normal({0, 3})}, along(1)},
                                   {{s.normal({61, 17})}, along(-1)}, {{s.normal({20011})}, along(0)},
                                   {{s.normal({4099, 7})}, along(0)}, {{s.normal({4099, 7})}, along(1)}};
    for (const std::int64_t width : row_widths) {
        samples.push_back({{s.normal({5, width})}, along(1)});
        samples.push_back({{s.normal({2, 5, width})}, along(1)});
    }
    return samples;
}

}  // namespace

std::vector<OpDef> softmax_ops() {
    return {
        {.name = "logsumexp",
         .formula = "max(x) + log(sum of exp(x - max(x))) along an axis",
         .inputs = {"x"},
         .attributes = along(-1),
         .shapes = "x [...] -> [...] without the axis",
         .infer = infer_without_axis,
         .compose = [](auto in, const Attributes& a) -> Tensors {
             const Tensor largest = max(in[0], axis_of(a), true);
             // Rows of -inf have logsumexp -inf; inf - inf would make them NaN, as it makes x - x here.
             const Tensor zero = scalar_like(largest, 0), is_finite = equal(largest - largest, zero);
             const Tensor shift = where(is_finite, largest, zero);
             return {log(sum(exp(in[0] - shift), axis_of(a))) +
                     reshape(shift, infer_without_axis({"logsumexp", in, a})[0].shape)};
         },
         .vjp = per_input({[](Call c) {
             const Tensor& x = c.input(0);
             return with_axis_kept(c.gradient(), x.shape(), c.attributes) * softmax(x, c.attributes.integer("axis"));
         }}),
         .saves = {.inputs = {0}},
         .samples = softmax_samples},
        {.name = "softmax",
         .formula = "exp(x - max(x)) / sum of exp(x - max(x)) along an axis",
         .inputs = {"x"},
         .attributes = along(-1),
         .shapes = "x [...] -> [...]",
         .infer = infer_along_axis,
         .compose = [](auto in, const Attributes& a) -> Tensors {
             const Tensor exponentials = exp(in[0] - max(in[0], axis_of(a), true));
             return {exponentials / sum(exponentials, axis_of(a), true)};
         },
         .vjp = per_input({[](Call c) {
             const Tensor weighted = c.gradient() * c.output();
             return weighted - c.output() * sum(weighted, axis_of(c), true);
         }}),
         .saves = {.outputs = {0}},
         .samples = softmax_samples},
        {.name = "log_softmax",
         .formula = "x - max(x) - log(sum of exp(x - max(x))) along an axis",
         .inputs = {"x"},
         .attributes = along(-1),
         .shapes = "x [...] -> [...]",
         .infer = infer_along_axis,
         .compose = [](auto in, const Attributes& a) -> Tensors {
             const Tensor shifted = in[0] - max(in[0], axis_of(a), true);
             return {shifted - log(sum(exp(shifted), axis_of(a), true))};
         },
         .vjp =
             per_input({[](Call c) { return c.gradient() - exp(c.output()) * sum(c.gradient(), axis_of(c), true); }}),
         .saves = {.outputs = {0}},
         .samples = softmax_samples},
    };
}

Tensor logsumexp(const Tensor& x, std::int64_t axis) {
    return apply_one(op_named<"logsumexp">(), {x}, {{"axis", axis}});
}

Tensor softmax(const Tensor& x, std::int64_t axis) { return apply_one(op_named<"softmax">(), {x}, {{"axis", axis}}); }

Tensor log_softmax(const Tensor& x, std::int64_t axis) {
    return apply_one(op_named<"log_softmax">(), {x}, {{"axis", axis}});
}

}  // namespace tapegrad
