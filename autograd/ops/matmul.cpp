#include "autograd/ops/matmul.hpp"

#include "autograd/errors.hpp"
#include "autograd/kernels.hpp"
#include "autograd/ops/families.hpp"
#include "autograd/ops/infer.hpp"
#include "autograd/samples.hpp"

namespace tapegrad {

namespace {

using Call = const VjpCall&;

// The extents of one product: [batch..., m, k] x [batch..., k, n].
struct Extents {
    Shape batch;
    std::int64_t m, k, n;

    Shape result() const {
        Shape shape = batch;
        shape.push_back(m);
        shape.push_back(n);
        return shape;
    }
};

Shape leading(const Shape& shape) {
    Shape batch = shape;
    batch.erase(batch.rank() - 1);
    batch.erase(batch.rank() - 1);
    return batch;
}

Extents extents_of(const Shape& a, const Shape& b, const Attributes& attributes) {
    const bool transpose_a = attributes.integer("transpose_a") != 0,
               transpose_b = attributes.integer("transpose_b") != 0;
    const auto fail = [&] {
        throw ShapeError("matmul", "[..., M, K] x [..., K, N]",
                         to_string(a) + (transpose_a ? " transposed" : "") + " x " + to_string(b) +
                             (transpose_b ? " transposed" : ""),
                         "transpose or reshape one of them");
    };
    if (a.rank() < 2 || b.rank() < 2) fail();
    const std::int64_t a_rows = a[a.rank() - 2], a_columns = a.back(), b_rows = b[b.rank() - 2], b_columns = b.back();
    const std::int64_t k = transpose_a ? a_rows : a_columns;
    if (k != (transpose_b ? b_columns : b_rows)) fail();
    return {broadcast("matmul", leading(a), leading(b)), transpose_a ? a_columns : a_rows, k,
            transpose_b ? b_rows : b_columns};
}

// The operand with the product's batch, as a kernel wants it: [B, rows, columns].
Tensor batched(const Tensor& x, const Shape& batch) {
    const std::int64_t rows = x.shape()[x.rank() - 2], columns = x.shape().back();
    if (leading(x.shape()) == batch) return x.alias({element_count(batch), rows, columns});
    Shape expanded = batch;
    expanded.push_back(rows);
    expanded.push_back(columns);
    return expand_copy(x, expanded).alias({element_count(batch), rows, columns});
}

Tensors run_matmul(std::span<const Tensor> in, const Attributes& attributes, const TensorSpecs& specs) {
    const Extents extents = extents_of(in[0].shape(), in[1].shape(), attributes);
    const Tensor result(in[0].backend(), specs[0].shape, specs[0].dtype);
    if (result.size() == 0) return {result};  // an operand repeated for each of the batch may have many elements
    const std::int64_t flags[] = {attributes.integer("transpose_a"), attributes.integer("transpose_b")};
    call_kernel(kernels::matmul, {batched(in[0], extents.batch), batched(in[1], extents.batch)},
                result.alias({element_count(extents.batch), extents.m, extents.n}), flags);
    return {result};
}

// With A and B as stored and g the gradient of op(A) op(B): the gradient of op(A) is g op(B)^T, that of op(B) is
// op(A)^T g.
Tensor gradient_of_a(Call c) {
    const bool ta = c.attributes.integer("transpose_a") != 0, tb = c.attributes.integer("transpose_b") != 0;
    return ta ? matmul(c.input(1), c.gradient(), tb, true) : matmul(c.gradient(), c.input(1), false, !tb);
}

Tensor gradient_of_b(Call c) {
    const bool ta = c.attributes.integer("transpose_a") != 0, tb = c.attributes.integer("transpose_b") != 0;
    return tb ? matmul(c.gradient(), c.input(0), true, ta) : matmul(c.input(0), c.gradient(), !ta, false);
}

Attributes flags(bool transpose_a, bool transpose_b) {
    return {{"transpose_a", std::int64_t{transpose_a}}, {"transpose_b", std::int64_t{transpose_b}}};
}

std::vector<Sample> matmul_samples(SampleSource& s) {
    std::vector<Sample> samples = {
        {{s.normal({2, 3}), s.normal({3, 5})}, flags(false, false)},
        {{s.normal({3, 2}), s.normal({3, 5})}, flags(true, false)},
        {{s.normal({2, 3}), s.normal({5, 3})}, flags(false, true)},
        {{s.normal({3, 2}), s.normal({5, 3})}, flags(true, true)},
        {{s.normal({1, 1}), s.normal({1, 1})}, flags(false, false)},
        {{s.normal({2, 0}), s.normal({0, 3})}, flags(false, false)},
        {{s.normal({0, 3}), s.normal({3, 2})}, flags(false, false)},
        {{s.normal({4, 2, 3}), s.normal({4, 3, 2})}, flags(false, false)},
        {{s.normal({4, 3, 2}), s.normal({3, 5})}, flags(true, false)},
        {{s.normal({2, 1, 2, 3}), s.normal({3, 5, 3})}, flags(false, true)},
        {{s.normal({61, 67}), s.normal({67, 31})}, flags(false, false)},
    };
    return samples;
}

}  // namespace

std::vector<OpDef> matmul_ops() {
    return {
        {.name = "matmul",
         .formula = "sum over k of a[..., i, k] * b[..., k, j]",
         .inputs = {"a", "b"},
         .attributes = flags(false, false),
         .shapes =
             "a [..., M, K], b [..., K, N] -> [..., M, N]; a transposed one is stored as [..., K, M], [..., N, K]",
         .infer = [](const InferCall& call) -> TensorSpecs {
             return {{extents_of(call.shape(0), call.shape(1), call.attributes).result(), common_float(call, 0, 1)}};
         },
         .run = run_matmul,
         .vjp = per_input({gradient_of_a, gradient_of_b}),
         .saves = {.inputs = {0, 1}},
         .samples = matmul_samples}};
}

Tensor matmul(const Tensor& a, const Tensor& b, bool transpose_a, bool transpose_b) {
    return apply_one(op_named<"matmul">(), {a, b}, flags(transpose_a, transpose_b));
}

}  // namespace tapegrad
