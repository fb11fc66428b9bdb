#include "autograd/ops/reduce.hpp"

#include <algorithm>
#include <array>

#include "autograd/errors.hpp"
#include "autograd/kernels.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/families.hpp"
#include "autograd/ops/infer.hpp"
#include "autograd/ops/shape_ops.hpp"
#include "autograd/samples.hpp"

namespace tapegrad {

namespace {

using Call = const VjpCall&;

// 1 for each axis that is reduced.
using AxisFlags = std::array<char, Dims::max_rank>;

AxisFlags reduced_axes(const std::string& op, const Dims& axes, std::size_t rank) {
    AxisFlags reduced{};
    std::fill_n(reduced.begin(), rank, axes.empty());
    for (const std::int64_t axis : axes) {
        char& is_reduced = reduced[normalise_axis(op, axis, rank)];
        if (is_reduced) throw ShapeError(op, "each axis once", to_string(axes), "remove the one that stands twice");
        is_reduced = 1;
    }
    return reduced;
}

Shape reduced_shape(const Shape& shape, const AxisFlags& reduced, bool keep_axes) {
    Shape result;
    for (std::size_t axis = 0; axis < shape.rank(); ++axis)
        if (!reduced[axis])
            result.push_back(shape[axis]);
        else if (keep_axes)
            result.push_back(1);
    return result;
}

AxisFlags reduced_axes(const std::string& op, const Attributes& attributes, std::size_t rank) {
    return reduced_axes(op, attributes.dims("axes"), rank);
}

TensorSpecs infer_reduced(const InferCall& call) {
    const Shape& shape = call.shape(0);
    const AxisFlags reduced = reduced_axes(call.op, call.attributes, shape.rank());
    return {{reduced_shape(shape, reduced, call.attributes.integer("keep_axes") != 0), common_float(call, 0, 0)}};
}

// Each run of neighbouring reduced axes is one kernel call on [outer, reduced, inner], from the back to the front.
Tensor reduce(KernelId kernel, const Tensor& x, const Attributes& attributes, const Shape& result_shape) {
    const AxisFlags reduced = reduced_axes("reduce", attributes, x.rank());
    if (std::ranges::none_of(reduced, [](char axis) { return axis != 0; })) return expand_copy(x, result_shape);
    // Else what lies between may have many elements: [2^40, 3, 0] over its ends.
    if (x.size() == 0) return full(x.backend(), result_shape, 0, x.dtype());
    Tensor partial = x;
    for (std::size_t end = x.rank(); end > 0; --end) {
        if (!reduced[end - 1]) continue;
        std::size_t begin = end - 1;
        while (begin > 0 && reduced[begin - 1]) --begin;
        std::int64_t outer = 1, extent = 1;
        for (std::size_t axis = 0; axis < begin; ++axis) outer *= x.shape()[axis];
        for (std::size_t axis = begin; axis < end; ++axis) extent *= x.shape()[axis];
        std::int64_t inner = 1;
        for (std::size_t axis = end; axis < x.rank(); ++axis)
            if (!reduced[axis]) inner *= x.shape()[axis];
        const Tensor next(x.backend(), {outer, inner}, x.dtype());
        call_kernel(kernel, {partial.alias({outer, extent, inner})}, next);
        partial = next;
        end = begin + 1;
    }
    return partial.alias(result_shape);
}

// The gradient or result of a reduction with its axes back as extents of 1.
Tensor with_axes_kept(Call call, const Tensor& reduced) {
    const Shape& shape = call.input_shape(0);
    return reshape(reduced, reduced_shape(shape, reduced_axes("reduce", call.attributes, shape.rank()), true));
}

Tensor repeated(Call call, const Tensor& reduced) { return expand(with_axes_kept(call, reduced), call.input_shape(0)); }

std::int64_t reduced_count(const Shape& shape, const Dims& axes) {
    const AxisFlags reduced = reduced_axes("mean", axes, shape.rank());
    std::int64_t count = 1;
    for (std::size_t axis = 0; axis < shape.rank(); ++axis)
        if (reduced[axis]) count *= shape[axis];
    return count;
}

Attributes over(const Dims& axes, bool keep_axes) { return {{"axes", axes}, {"keep_axes", std::int64_t{keep_axes}}}; }

std::vector<Sample> reduce_samples(SampleSource& source) {
    std::vector<Sample> samples = {{{source.distinct({})}, over({}, false)}, {{source.distinct({1})}, over({0}, true)}};
    for (const bool keep : {false, true})
        for (const Dims& axes : {Dims{}, Dims{0}, Dims{-1}, Dims{1}, Dims{0, 2}, Dims{1, 2}, Dims{2, 0, 1}})
            samples.push_back({{source.distinct({3, 5, 2})}, over(axes, keep)});
    samples.push_back({{source.distinct({0, 3})}, over({1}, false)});
    samples.push_back({{source.distinct({3, 1, 5, 2})}, over({0, 2}, false)});
    for (const std::int64_t axis : {0, 1}) {
        samples.push_back({{source.distinct({61, 67})}, over({axis}, false)});
        for (const std::int64_t width : row_widths)
            samples.push_back({{source.distinct({5, width})}, over({axis}, false)});
    }
    return samples;
}

std::vector<Sample> sum_samples(SampleSource& source) {
    std::vector<Sample> samples = reduce_samples(source);
    samples.push_back({{source.normal({0, 3})}, over({0}, false)});
    return samples;
}

}  // namespace

std::vector<OpDef> reduce_ops() {
    return {
        {.name = "sum",
         .formula = "sum of x over axes",
         .inputs = {"x"},
         .attributes = over({}, false),
         .shapes = "x [...] -> [...] without the axes, or with extents of 1 there",
         .infer = infer_reduced,
         .run = [](auto in, const Attributes& a, const TensorSpecs& specs) -> Tensors {
             return {reduce(kernels::reduce_sum, in[0], a, specs[0].shape)};
         },
         .vjp = per_input({[](Call c) { return repeated(c, c.gradient()); }}),
         .samples = sum_samples},
        {.name = "mean",
         .formula = "sum of x over axes / number of elements summed",
         .inputs = {"x"},
         .attributes = over({}, false),
         .shapes = "x [...] -> [...] without the axes, or with extents of 1 there",
         .infer = infer_reduced,
         .compose = [](auto in, const Attributes& a) -> Tensors {
             const Dims& axes = a.dims("axes");
             return {sum(in[0], axes, a.integer("keep_axes") != 0) /
                     static_cast<double>(reduced_count(in[0].shape(), axes))};
         },
         .vjp = per_input({[](Call c) {
             const std::int64_t count = reduced_count(c.input_shape(0), c.attributes.dims("axes"));
             return repeated(c, c.gradient() / static_cast<double>(count));
         }}),
         .samples = reduce_samples},
        {.name = "max",
         .formula = "largest x over axes; equal largest elements share the gradient",
         .inputs = {"x"},
         .attributes = over({}, false),
         .shapes = "x [...] -> [...] without the axes, or with extents of 1 there",
         .infer =
             [](const InferCall& call) {
                 const Shape& shape = call.shape(0);
                 const AxisFlags reduced = reduced_axes(call.op, call.attributes, shape.rank());
                 for (std::size_t axis = 0; axis < shape.rank(); ++axis)
                     if (reduced[axis] && shape[axis] == 0)
                         throw ShapeError("max", "at least one element on each reduced axis", to_string(shape),
                                          "skip the call for empty tensors");
                 return infer_reduced(call);
             },
         .run = [](auto in, const Attributes& a, const TensorSpecs& specs) -> Tensors {
             return {reduce(kernels::reduce_max, in[0], a, specs[0].shape)};
         },
         .vjp = per_input({[](Call c) {
             const Tensor is_largest = equal(c.input(0), with_axes_kept(c, c.output()));
             const Tensor how_many = sum(is_largest, c.attributes.dims("axes"), true);
             return is_largest * (with_axes_kept(c, c.gradient()) / how_many);
         }}),
         .saves = {.inputs = {0}, .outputs = {0}},
         .samples = reduce_samples},
    };
}

Tensor sum(const Tensor& x, const Dims& axes, bool keep_axes) {
    return apply_one(op_named<"sum">(), {x}, over(axes, keep_axes));
}

Tensor mean(const Tensor& x, const Dims& axes, bool keep_axes) {
    return apply_one(op_named<"mean">(), {x}, over(axes, keep_axes));
}

Tensor max(const Tensor& x, const Dims& axes, bool keep_axes) {
    return apply_one(op_named<"max">(), {x}, over(axes, keep_axes));
}

}  // namespace tapegrad
