#include "autograd/ops/sparse_ops.hpp"

#include "autograd/errors.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/families.hpp"
#include "autograd/ops/infer.hpp"
#include "autograd/ops/reduce.hpp"
#include "autograd/ops/segment.hpp"
#include "autograd/ops/shape_ops.hpp"
#include "autograd/samples.hpp"

namespace tapegrad {

namespace {

using Call = const VjpCall&;

// Inputs: values, dense, then index, order and offsets of the rows and of the columns.
Tensors inputs_of(const SparseMatrix& a, const Tensor& b) {
    return {a.values,         b, a.rows.index, a.rows.order, a.rows.offsets, a.columns.index, a.columns.order,
            a.columns.offsets};
}

Grouping rows_of(std::span<const Tensor> in) { return grouping_at(in, 2); }
Grouping columns_of(std::span<const Tensor> in) { return grouping_at(in, 5); }
Grouping rows_of(Call c) { return {c.input(2), c.input(3), c.input(4)}; }
Grouping columns_of(Call c) { return {c.input(5), c.input(6), c.input(7)}; }

TensorSpecs infer_spmm(const InferCall& call) {
    const DType dtype = common_float(call, 0, 1);
    require_grouping(call, 2);
    require_grouping(call, 5);
    const std::int64_t rows = element_count(call.shape(4)) - 1, columns = element_count(call.shape(7)) - 1;
    if (call.shape(1).rank() != 2 || call.shape(1)[0] != columns || call.shape(0) != call.shape(2) ||
        call.shape(0) != call.shape(5))
        throw ShapeError("spmm", "[N, C] sparse x [C, F] dense, with one value an entry",
                         to_string(Shape{rows, columns}) + " x " + to_string(call.shape(1)) + " with values " +
                             to_string(call.shape(0)),
                         "transpose or reshape one of them");
    return {{{rows, call.shape(1)[1]}, dtype}};
}

Tensor as_column(const Tensor& values) { return reshape(values, {-1, 1}); }

std::vector<Sample> spmm_samples(SampleSource& s) {
    const auto sample = [&](std::int64_t rows, std::int64_t columns, std::int64_t entries,
                            std::int64_t width) -> Sample {
        const SparseMatrix a{s.normal({entries}), s.grouping(entries, rows), s.grouping(entries, columns)};
        return {inputs_of(a, s.normal({columns, width})), {}};
    };
    std::vector<Sample> samples = {sample(3, 4, 5, 2),     sample(1, 1, 1, 1),     sample(4, 3, 0, 2),
                                   sample(5, 7, 3, 3),     sample(31, 23, 211, 5), sample(2, 3, 6, 0),
                                   sample(2, 50, 4099, 37)};
    for (const std::int64_t width : row_widths) samples.push_back(sample(3, 5, 17, width));
    return samples;
}

}  // namespace

std::vector<OpDef> sparse_ops() {
    return {{.name = "spmm",
             .formula = "out[i] = sum over entries (i, j) with value != 0 of value * b[j]",
             .inputs = {"values", "b", "row_index", "row_order", "row_offsets", "column_index", "column_order",
                        "column_offsets"},
             .shapes = "values [E], b [C, F], row_index [E], row_order [E], row_offsets [N+1], column_index [E], "
                       "column_order [E], column_offsets [C+1] -> [N, F]",
             .infer = infer_spmm,
             .compose = [](auto in, const Attributes&) -> Tensors {
                 // A value of 0 counts as an entry that is not stored, whatever b holds there: kernels pass it over.
                 const Tensor values = as_column(in[0]), products = values * gather(in[1], columns_of(in));
                 return {scatter_sum(where(values, products, scalar_like(values, 0)), rows_of(in))};
             },
             .vjp = per_input({[](Call c) {
                                   // Only at the entries (a sampled dense-dense product).
                                   return sum(gather(c.gradient(), rows_of(c)) * gather(c.input(1), columns_of(c)),
                                              {1});
                               },
                               [](Call c) {
                                   return spmm({c.input(0), columns_of(c), rows_of(c)}, c.gradient());
                               }}),
             .saves = {.inputs = {0, 1, 2, 3, 4, 5, 6, 7}},
             .samples = spmm_samples}};
}

Tensor spmm(const SparseMatrix& a, const Tensor& b) { return apply(op_named<"spmm">(), inputs_of(a, b))[0]; }

}  // namespace tapegrad
