#include "autograd/ops/sparse_ops.hpp"

#include <boost/test/unit_test.hpp>

#include "autograd/errors.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/join.hpp"
#include "autograd/ops/shape_ops.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/autograd/ops/indices.hpp"
#include "tests/datasets/expect_error.hpp"

namespace tapegrad::testing {
namespace {

// [3, 4] with an empty row, an empty column and an entry that is stored twice:
//   0 2 0 1
//   0 0 0 0
//   3 5 0 0     (5 = 1 + 4)
SparseMatrix example(DType dtype) {
    const std::vector<std::int32_t> row_offsets = {0, 2, 2, 5}, columns = {3, 1, 0, 1, 1};
    const std::vector<float> values = {1, 2, 3, 1, 4};
    const SparseMatrix matrix = make_sparse(reference(), row_offsets, columns, values, 4);
    return matrix.with_values(tensor({5}, {1, 2, 3, 1, 4}, dtype));
}

BOOST_AUTO_TEST_SUITE(autograd_ops_sparse)

BOOST_AUTO_TEST_CASE(spmm_is_the_product_with_the_dense_matrix) {
    for (const DType dtype : float_types) {
        const SparseMatrix a = example(dtype);
        const Tensor b = tensor({4, 2}, {1, 2, 3, 4, 5, 6, 7, 8}, dtype);
        BOOST_TEST(approximately(spmm(a, b), {3, 2}, {13, 16, 0, 0, 18, 26}));
        BOOST_TEST(approximately(spmm(a.transposed(), tensor({3, 1}, {1, 10, 100}, dtype)), {4, 1}, {300, 502, 0, 1}));
        BOOST_TEST(approximately(spmm(a, tensor({4, 0}, {}, dtype)), {3, 0}, {}));
        BOOST_TEST(approximately(to_dense(a), {3, 4}, {0, 2, 0, 1, 0, 0, 0, 0, 3, 5, 0, 0}));
    }
}

BOOST_AUTO_TEST_CASE(a_stored_zero_counts_as_nothing_stored) {
    const SparseMatrix a = example(DType::f64).with_values(tensor({5}, {0, 2, 3, 0, 4}));
    // The zero in row 0 meets infinity, the one in row 2 meets 20.
    const Tensor b = tensor({4, 1}, {10, 20, nan, infinity});
    BOOST_TEST(approximately(spmm(a, b), {3, 1}, {40, 0, 110}));
    BOOST_TEST(approximately(spmm(example(DType::f64), b), {3, 1}, {infinity, 0, 130}));
    BOOST_TEST(approximately(spmm(a.with_values(tensor({5}, {nan, 2, 3, 0, 4})), b), {3, 1}, {nan, 0, 110}));
}

BOOST_AUTO_TEST_CASE(gradients_reach_values_and_dense_matrix) {
    const SparseMatrix a = example(DType::f64);
    const Tensor b = tensor({4, 1}, {2, 3, 5, 7}), weights = tensor({3, 1}, {1, 10, 100});
    // d/da_ij = weight_i b_j; d/db_j = sum_i weight_i a_ij.
    BOOST_TEST(approximately(
        gradient_of_sum([&](const Tensor& values) { return spmm(a.with_values(values), b) * weights; }, a.values), {5},
        {7, 3, 200, 300, 300}));
    BOOST_TEST(approximately(gradient_of_sum([&](const Tensor& x) { return spmm(a, x) * weights; }, b), {4, 1},
                             {300, 502, 0, 1}));
}

BOOST_AUTO_TEST_CASE(shapes_and_dtypes_that_do_not_fit_are_named) {
    const SparseMatrix a = example(DType::f64);
    expect_error<ShapeError>([&] { spmm(a, tensor({3, 2}, numbers({3, 2}))); }, {"spmm:", "[3, 4]", "[3, 2]"});
    expect_error<ShapeError>([&] { spmm(a, tensor({4}, numbers({4}))); }, {"spmm:", "[4]"});
    expect_error<ShapeError>(
        [&] {
            spmm(a.with_values(tensor({4}, numbers({4}))), tensor({4, 1}, numbers({4})));
        },
        {"spmm:", "values [4]"});
    const Grouping four_entries = make_grouping(reference(), std::vector<std::int32_t>{0, 1, 2, 3}, 4);
    expect_error<ShapeError>([&] { spmm({a.values, a.rows, four_entries}, tensor({4, 1}, numbers({4}))); }, {"spmm:"});
    expect_error<ShapeError>(
        [&] {
            spmm({a.values, four_entries, a.columns}, tensor({4, 1}, numbers({4})));
        },
        {"spmm:"});
    Grouping two_axes = a.columns, long_order = a.rows;
    two_axes.offsets = reshape(a.columns.offsets, {1, 5});
    long_order.order = cat(std::vector<Tensor>{a.rows.order, a.rows.order}, 0);
    for (const SparseMatrix& matrix : {SparseMatrix{a.values, a.rows, two_axes}, {a.values, long_order, a.columns}})
        expect_error<ShapeError>([&] { spmm(matrix, tensor({4, 1}, numbers({4}))); }, {"spmm:", "a grouping"});
    expect_error<TypeError>([&] { spmm(a, tensor({4, 1}, numbers({4}), DType::f32)); }, {"spmm:", "f64 and f32"});
    expect_error<TypeError>([&] { spmm(a, tensor({4, 1}, {1, 2, 3, 4}, DType::i32)); }, {"spmm:", "i32"});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
