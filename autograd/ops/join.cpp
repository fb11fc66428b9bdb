#include "autograd/ops/join.hpp"

#include <fmt/format.h>

#include "autograd/errors.hpp"
#include "autograd/kernels.hpp"
#include "autograd/ops/families.hpp"
#include "autograd/ops/shape_ops.hpp"
#include "autograd/samples.hpp"

namespace tapegrad {

namespace {

void check_parts(const InferCall& call) {
    for (const Tensor& part : call.inputs)
        if (part.dtype() != call.dtype(0))
            throw TypeError(call.op, "parts of one dtype", to_string(call.dtype(0)) + " and " + to_string(part.dtype()),
                            "cast one of them");
}

TensorSpecs infer_cat(const InferCall& call) {
    check_parts(call);
    const std::size_t axis = normalise_axis("cat", call.attributes.integer("axis"), call.shape(0).rank());
    Shape result = call.shape(0);
    for (std::size_t i = 1; i < call.inputs.size(); ++i) {
        Shape part = call.shape(i);
        if (part.rank() == result.rank()) part[axis] = result[axis];  // the joined extents may differ
        if (part != result)
            throw ShapeError("cat", fmt::format("shapes that are equal but for axis {}", axis),
                             to_string(call.shape(0)) + " and " + to_string(call.shape(i)), "reshape one of them");
        result[axis] += call.shape(i)[axis];
        element_count(result);  // throws beyond what can be counted
    }
    return {{result, call.dtype(0)}};
}

Tensors run_cat(std::span<const Tensor> in, const Attributes& a, const TensorSpecs& specs) {
    const TensorSpec& spec = specs[0];
    const std::size_t axis = normalise_axis("cat", a.integer("axis"), spec.shape.rank());
    const Tensor result(in[0].backend(), spec.shape, spec.dtype);
    const Dims strides = strides_of(spec.shape);
    std::int64_t offset = 0;
    for (const Tensor& part : in) {
        copy_strided(part, {part.shape(), 0, strides_of(part.shape())}, result, {offset, strides});
        offset += part.shape()[axis] * strides[axis];
    }
    return {result};
}

Tensors cat_vjp(const VjpCall& call) {
    const Tensor gradient = call.gradient();
    const std::int64_t axis = call.attributes.integer("axis");
    Tensors results(call.input_count());
    std::int64_t start = 0;
    for (std::size_t i = 0; i < results.size(); ++i) {
        const Shape& shape = call.input_shape(i);
        const std::int64_t stop = start + shape[normalise_axis("cat", axis, shape.rank())];
        if (call.needs(i)) results[i] = narrow(gradient, axis, start, stop);
        start = stop;
    }
    return results;
}

}  // namespace

std::vector<OpDef> join_ops() {
    return {
        {.name = "cat",
         .formula = "inputs joined along an axis",
         .inputs = {"parts..."},
         .attributes = {{"axis", std::int64_t{0}}},
         .shapes = "parts [..., N_i, ...] -> [..., sum of N_i, ...]",
         .infer = infer_cat,
         .run = run_cat,
         .vjp = cat_vjp,
         .samples = [](SampleSource& s) -> std::vector<Sample> {
             return {{{s.normal({2, 3}), s.normal({2, 4})}, {{"axis", std::int64_t{1}}}},
                     {{s.normal({2, 3}), s.normal({0, 3}), s.normal({5, 3})}, {{"axis", std::int64_t{-2}}}},
                     {{s.normal({4})}, {{"axis", std::int64_t{0}}}}};
         }},
        {.name = "stack",
         .formula = "inputs joined along a new axis",
         .inputs = {"parts..."},
         .attributes = {{"axis", std::int64_t{0}}},
         .shapes = "K parts [...] -> [..., K, ...]",
         .infer = [](const InferCall& call) -> TensorSpecs {
             check_parts(call);
             for (const Tensor& part : call.inputs)
                 if (part.shape() != call.shape(0))
                     throw ShapeError("stack", "parts of one shape",
                                      to_string(call.shape(0)) + " and " + to_string(part.shape()),
                                      "reshape one of them");
             Shape shape = call.shape(0);
             shape.insert(normalise_axis("stack", call.attributes.integer("axis"), shape.rank() + 1),
                          static_cast<std::int64_t>(call.inputs.size()));
             return {{shape, call.dtype(0)}};
         },
         .compose = [](auto in, const Attributes& a) -> Tensors {
             Shape shape = in[0].shape();
             const std::size_t axis = normalise_axis("stack", a.integer("axis"), shape.rank() + 1);
             shape.insert(axis, 1);
             Tensors parts;
             for (const Tensor& part : in) parts.push_back(reshape(part, shape));
             return {cat(parts, static_cast<std::int64_t>(axis))};
         },
         .samples = [](SampleSource& s) -> std::vector<Sample> {
             return {{{s.normal({2, 3}), s.normal({2, 3})}, {{"axis", std::int64_t{0}}}},
                     {{s.normal({3}), s.normal({3}), s.normal({3})}, {{"axis", std::int64_t{-1}}}},
                     {{s.normal({}), s.normal({})}, {{"axis", std::int64_t{0}}}}};
         }},
    };
}

Tensor cat(std::span<const Tensor> parts, std::int64_t axis) {
    return apply(op_named<"cat">(), parts, {{"axis", axis}})[0];
}

Tensor stack(std::span<const Tensor> parts, std::int64_t axis) {
    return apply(op_named<"stack">(), parts, {{"axis", axis}})[0];
}

}  // namespace tapegrad
