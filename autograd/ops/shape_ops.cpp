#include "autograd/ops/shape_ops.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "autograd/errors.hpp"
#include "autograd/kernels.hpp"
#include "autograd/ops/families.hpp"
#include "autograd/ops/infer.hpp"
#include "autograd/samples.hpp"

namespace tapegrad {

namespace {

using Call = const VjpCall&;

Shape resolve_reshape(const Shape& from, Shape to) {
    const std::int64_t count = element_count(from);
    const auto negative = [](std::int64_t extent) { return extent < 0; };
    if (const auto open = std::find(to.begin(), to.end(), -1); open != to.end()) {
        const auto axis = static_cast<std::size_t>(open - to.begin());
        to[axis] = 1;
        const std::int64_t known = std::any_of(to.begin(), to.end(), negative) ? 0 : element_count(to);
        to[axis] = known > 0 && count % known == 0 ? count / known : -1;
    }
    if (std::any_of(to.begin(), to.end(), negative) || element_count(to) != count)
        throw ShapeError("reshape", fmt::format("a shape of {} elements, with at most one extent -1", count),
                         to_string(from) + " to " + to_string(to), "check the shape");
    return to;
}

Dims normalise_permutation(const Dims& permutation, std::size_t rank) {
    Dims result;
    for (const std::int64_t axis : permutation)
        result.push_back(static_cast<std::int64_t>(normalise_axis("transpose", axis, rank)));
    std::vector<std::int64_t> sorted(result.begin(), result.end());
    std::ranges::sort(sorted);
    const bool repeated = std::ranges::adjacent_find(sorted) != sorted.end();
    if (result.rank() != rank || repeated)
        throw ShapeError("transpose", fmt::format("each of {} axes once", rank), to_string(permutation),
                         "list every axis once");
    return result;
}

Dims permuted(const Dims& values, const Dims& permutation) {
    Dims result = values;
    for (std::size_t i = 0; i < permutation.rank(); ++i) result[i] = values[static_cast<std::size_t>(permutation[i])];
    return result;
}

Dims inverse(const Dims& permutation) {
    Dims result = permutation;
    for (std::size_t i = 0; i < permutation.rank(); ++i)
        result[static_cast<std::size_t>(permutation[i])] = static_cast<std::int64_t>(i);
    return result;
}

// Where a slice of a tensor of `shape` begins, and how far its neighbours lie apart, in elements.
WritePattern slice_pattern(const Shape& shape, const Dims& start, const Dims& step) {
    WritePattern pattern{0, strides_of(shape)};
    for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
        pattern.offset += start[axis] * pattern.strides[axis];
        pattern.strides[axis] *= std::min(step[axis], shape[axis]);  // a longer step takes one element too
    }
    return pattern;
}

TensorSpecs infer_slice(const InferCall& call) {
    const Shape& shape = call.shape(0);
    const Dims &start = call.attributes.dims("start"), &stop = call.attributes.dims("stop"),
               &step = call.attributes.dims("step");
    bool fits = start.rank() == shape.rank() && stop.rank() == shape.rank() && step.rank() == shape.rank();
    Shape result = shape;
    for (std::size_t axis = 0; fits && axis < shape.rank(); ++axis) {
        fits = 0 <= start[axis] && start[axis] <= stop[axis] && stop[axis] <= shape[axis] && step[axis] >= 1;
        if (fits) result[axis] = start[axis] == stop[axis] ? 0 : (stop[axis] - start[axis] - 1) / step[axis] + 1;
    }
    if (!fits)
        throw ShapeError("slice", "0 <= start <= stop <= extent and step >= 1 on each axis of " + to_string(shape),
                         fmt::format("start {}, stop {}, step {}", to_string(start), to_string(stop), to_string(step)),
                         "check the limits");
    return {{result, call.dtype(0)}};
}

TensorSpecs infer_embed(const InferCall& call) {
    const Shape &shape = call.attributes.dims("shape"), &part = call.shape(0);
    const Dims &start = call.attributes.dims("start"), &step = call.attributes.dims("step");
    bool fits = part.rank() == shape.rank() && start.rank() == shape.rank() && step.rank() == shape.rank();
    for (std::size_t axis = 0; fits && axis < shape.rank(); ++axis)
        fits = 0 <= start[axis] && start[axis] <= shape[axis] && step[axis] >= 1 &&
               (part[axis] == 0 ||
                (start[axis] < shape[axis] && part[axis] - 1 <= (shape[axis] - 1 - start[axis]) / step[axis]));
    if (!fits)
        throw ShapeError("embed", "a place inside " + to_string(shape),
                         fmt::format("{} at {} by steps {}", to_string(part), to_string(start), to_string(step)),
                         "check the place");
    element_count(shape);  // throws beyond what can be counted
    return {{shape, call.dtype(0)}};
}

Tensors run_slice(std::span<const Tensor> in, const Attributes& a, const TensorSpecs& specs) {
    const Shape& shape = specs[0].shape;
    const Tensor result(in[0].backend(), shape, specs[0].dtype);
    const WritePattern read = slice_pattern(in[0].shape(), a.dims("start"), a.dims("step"));
    copy_strided(in[0], {shape, read.offset, read.strides}, result, {0, strides_of(shape)});
    return {result};
}

Tensors run_embed(std::span<const Tensor> in, const Attributes& a, const TensorSpecs& specs) {
    const Shape& shape = specs[0].shape;
    const Tensor result = full(in[0].backend(), shape, 0, in[0].dtype());
    copy_strided(in[0], {in[0].shape(), 0, strides_of(in[0].shape())}, result,
                 slice_pattern(shape, a.dims("start"), a.dims("step")));
    return {result};
}

Samples each_of(std::vector<std::pair<Shape, Attributes>> cases) {
    return [cases = std::move(cases)](SampleSource& source) {
        std::vector<Sample> samples;
        for (const auto& [shape, attributes] : cases) samples.push_back({{source.normal(shape)}, attributes});
        return samples;
    };
}

Dims ones(std::size_t rank) { return Dims(std::vector<std::int64_t>(rank, 1)); }

}  // namespace

std::vector<OpDef> shape_ops() {
    return {
        {.name = "reshape",
         .formula = "the same elements under another shape",
         .inputs = {"x"},
         .attributes = {{"shape", Dims{}}},
         .shapes = "x [...] -> shape, of as many elements",
         .infer = [](const InferCall& call) -> TensorSpecs {
             return {{resolve_reshape(call.shape(0), call.attributes.dims("shape")), call.dtype(0)}};
         },
         .run = [](auto in, const Attributes&, const TensorSpecs& specs) -> Tensors {
             return {in[0].alias(specs[0].shape)};
         },
         .vjp = per_input({[](Call c) { return reshape(c.gradient(), c.input_shape(0)); }}),
         .samples = each_of({{{2, 3, 4}, {{"shape", Dims{6, 4}}}},
                             {{2, 3, 4}, {{"shape", Dims{-1}}}},
                             {{2, 3, 4}, {{"shape", Dims{4, -1, 2}}}},
                             {{1}, {{"shape", Dims{}}}},
                             {{0, 3}, {{"shape", Dims{3, 0, 2}}}},
                             {{61, 67}, {{"shape", Dims{67, 61}}}}})},
        {.name = "transpose",
         .formula = "axis i of the result is axis permutation[i] of x",
         .inputs = {"x"},
         .attributes = {{"permutation", Dims{}}},
         .shapes = "x [...] -> the same extents in the order of permutation",
         .infer = [](const InferCall& call) -> TensorSpecs {
             const Dims permutation = normalise_permutation(call.attributes.dims("permutation"), call.shape(0).rank());
             return {{permuted(call.shape(0), permutation), call.dtype(0)}};
         },
         .run = [](auto in, const Attributes& a, const TensorSpecs& specs) -> Tensors {
             const Dims permutation = normalise_permutation(a.dims("permutation"), in[0].rank());
             const Shape& shape = specs[0].shape;
             const Tensor result(in[0].backend(), shape, in[0].dtype());
             copy_strided(in[0], {shape, 0, permuted(strides_of(in[0].shape()), permutation)}, result,
                          {0, strides_of(shape)});
             return {result};
         },
         .vjp = per_input({[](Call c) {
             const Dims& permutation = c.attributes.dims("permutation");
             return transpose(c.gradient(), inverse(normalise_permutation(permutation, permutation.rank())));
         }}),
         .samples = each_of({{{2, 3, 5}, {{"permutation", Dims{2, 0, 1}}}},
                             {{2, 3, 5}, {{"permutation", Dims{0, -1, 1}}}},
                             {{}, {{"permutation", Dims{}}}},
                             {{0, 3}, {{"permutation", Dims{1, 0}}}},
                             {{61, 67}, {{"permutation", Dims{1, 0}}}}})},
        {.name = "expand",
         .formula = "x repeated to a shape by broadcasting",
         .inputs = {"x"},
         .attributes = {{"shape", Dims{}}},
         .shapes = "x [...] -> shape",
         .infer = [](const InferCall& call) -> TensorSpecs {
             const Shape& shape = call.attributes.dims("shape");
             const bool negative = std::any_of(shape.begin(), shape.end(), [](std::int64_t n) { return n < 0; });
             if (negative || broadcast("expand", call.shape(0), shape) != shape)
                 throw ShapeError("expand", "a shape that the input repeats to",
                                  to_string(call.shape(0)) + " to " + to_string(shape), "check the shape");
             element_count(shape);  // throws beyond what can be counted
             return {{shape, call.dtype(0)}};
         },
         .run = [](auto in, const Attributes&, const TensorSpecs& specs) -> Tensors {
             return {expand_copy(in[0], specs[0].shape)};
         },
         // The tape sums the gradient down to the input's shape.
         .vjp = per_input({[](Call c) { return c.gradient(); }}),
         .samples = each_of({{{3, 1}, {{"shape", Dims{3, 4}}}},
                             {{3, 1}, {{"shape", Dims{2, 3, 1}}}},
                             {{3, 1}, {{"shape", Dims{3, 0}}}},
                             {{}, {{"shape", Dims{5}}}},
                             {{1, 67}, {{"shape", Dims{61, 67}}}}})},
        {.name = "slice",
         .formula = "x[start:stop:step] on each axis",
         .inputs = {"x"},
         .attributes = {{"start", Dims{}}, {"stop", Dims{}}, {"step", Dims{}}},
         .shapes = "x [N, ...] -> [ceil((stop - start) / step), ...]",
         .infer = infer_slice,
         .run = run_slice,
         .vjp = per_input({[](Call c) {
             return embed(c.gradient(), c.input_shape(0), c.attributes.dims("start"), c.attributes.dims("step"));
         }}),
         .samples = each_of({{{5, 7}, {{"start", Dims{1, 0}}, {"stop", Dims{4, 7}}, {"step", Dims{1, 1}}}},
                             {{5, 7}, {{"start", Dims{0, 1}}, {"stop", Dims{5, 6}}, {"step", Dims{2, 3}}}},
                             {{5, 7}, {{"start", Dims{2, 3}}, {"stop", Dims{2, 4}}, {"step", Dims{1, 1}}}},
                             {{1}, {{"start", Dims{0}}, {"stop", Dims{1}}, {"step", Dims{1}}}},
                             {{211}, {{"start", Dims{3}}, {"stop", Dims{208}}, {"step", Dims{7}}}}})},
        {.name = "embed",
         .formula = "zeros with x written at [start::step]",
         .inputs = {"x"},
         .attributes = {{"shape", Dims{}}, {"start", Dims{}}, {"step", Dims{}}},
         .shapes = "x [N, ...] -> shape, with start + (N - 1) * step below its extent",
         .infer = infer_embed,
         .run = run_embed,
         .vjp = per_input({[](Call c) {
             const Dims &start = c.attributes.dims("start"), &step = c.attributes.dims("step");
             Dims stop = start;
             for (std::size_t axis = 0; axis < stop.rank(); ++axis)
                 if (c.input_shape(0)[axis] > 0) stop[axis] += (c.input_shape(0)[axis] - 1) * step[axis] + 1;
             return slice(c.gradient(), start, stop, step);
         }}),
         .samples = each_of({{{2, 3}, {{"shape", Dims{2, 3}}, {"start", Dims{0, 0}}, {"step", Dims{1, 1}}}},
                             {{2, 3}, {{"shape", Dims{5, 9}}, {"start", Dims{1, 2}}, {"step", Dims{3, 2}}}},
                             {{0}, {{"shape", Dims{4}}, {"start", Dims{2}}, {"step", Dims{1}}}},
                             {{0}, {{"shape", Dims{4}}, {"start", Dims{1}}, {"step", Dims{3}}}},
                             {{30}, {{"shape", Dims{211}}, {"start", Dims{3}}, {"step", Dims{7}}}}})},
        {.name = "cast",
         .formula = "x converted to another dtype",
         .inputs = {"x"},
         .attributes = {{"dtype", std::int64_t{0}}},
         .shapes = "x [...] -> [...] of that dtype",
         .infer = [](const InferCall& call) -> TensorSpecs {
             const std::int64_t dtype = call.attributes.integer("dtype");
             if (dtype < 0 || dtype > 2)
                 throw TypeError("cast", "dtype 0 (f32), 1 (f64) or 2 (i32)", fmt::format("{}", dtype),
                                 "check the dtype");
             return {{call.shape(0), static_cast<DType>(dtype)}};
         },
         .run = [](auto in, const Attributes&, const TensorSpecs& specs) -> Tensors {
             const Tensor result(in[0].backend(), specs[0].shape, specs[0].dtype);
             call_kernel(kernels::cast, {in[0]}, result);
             return {result};
         },
         .vjp = per_input({[](Call c) { return cast(c.gradient(), c.input_dtype(0)); }}),
         .samples = each_of({{{3, 5}, {{"dtype", std::int64_t{1}}}},
                             {{3, 5}, {{"dtype", std::int64_t{0}}}},
                             {{3, 5}, {{"dtype", std::int64_t{2}}}},
                             {{}, {{"dtype", std::int64_t{1}}}},
                             {{0}, {{"dtype", std::int64_t{0}}}},
                             {{211}, {{"dtype", std::int64_t{0}}}}})},
    };
}

Tensor reshape(const Tensor& x, const Shape& shape) {
    return apply_one(op_named<"reshape">(), {x}, {{"shape", shape}});
}

Tensor transpose(const Tensor& x, const Dims& permutation) {
    return apply_one(op_named<"transpose">(), {x}, {{"permutation", permutation}});
}

Tensor transpose(const Tensor& x) {
    Dims permutation;
    for (std::size_t axis = 0; axis < x.rank(); ++axis) permutation.push_back(static_cast<std::int64_t>(axis));
    if (x.rank() < 2) throw ShapeError("transpose", "at least two axes", to_string(x.shape()), "reshape first");
    std::swap(permutation[x.rank() - 1], permutation[x.rank() - 2]);
    return transpose(x, permutation);
}

Tensor expand(const Tensor& x, const Shape& shape) { return apply_one(op_named<"expand">(), {x}, {{"shape", shape}}); }

Tensor slice(const Tensor& x, const Dims& start, const Dims& stop, const Dims& step) {
    return apply_one(op_named<"slice">(), {x}, {{"start", start}, {"stop", stop}, {"step", step}});
}

Tensor slice(const Tensor& x, const Dims& start, const Dims& stop) { return slice(x, start, stop, ones(x.rank())); }

Tensor narrow(const Tensor& x, std::int64_t axis, std::int64_t start, std::int64_t stop) {
    const std::size_t position = normalise_axis("narrow", axis, x.rank());
    Dims first = Dims(std::vector<std::int64_t>(x.rank(), 0)), last = x.shape();
    first[position] = start;
    last[position] = stop;
    return slice(x, first, last);
}

Tensor embed(const Tensor& x, const Shape& shape, const Dims& start, const Dims& step) {
    return apply_one(op_named<"embed">(), {x}, {{"shape", shape}, {"start", start}, {"step", step}});
}

Tensor cast(const Tensor& x, DType dtype) {
    return apply_one(op_named<"cast">(), {x}, {{"dtype", static_cast<std::int64_t>(dtype)}});
}

}  // namespace tapegrad
