#include "autograd/sparse.hpp"

#include <boost/test/unit_test.hpp>
#include <vector>

#include "autograd/errors.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/datasets/expect_error.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

using Index = std::vector<std::int32_t>;
using Floats = std::vector<float>;

SparseMatrix sparse(const Index& row_offsets, const Index& columns, const Floats& values, std::int64_t width) {
    return make_sparse(reference(), row_offsets, columns, values, width);
}

// [[0, 5, 0, 7], [0, 0, 0, 0], [2, 0, 3, 0]]
SparseMatrix example() { return sparse({0, 2, 2, 4}, {1, 3, 0, 2}, {5, 7, 2, 3}, 4); }

}  // namespace

BOOST_AUTO_TEST_SUITE(autograd_sparse)

BOOST_AUTO_TEST_CASE(csr_arrays_become_the_matrix) {
    const SparseMatrix matrix = example();
    BOOST_TEST(matrix.row_count() == 3);
    BOOST_TEST(matrix.column_count() == 4);
    BOOST_TEST(approximately(to_dense(matrix), {3, 4}, {0, 5, 0, 7, 0, 0, 0, 0, 2, 0, 3, 0}));
    BOOST_TEST(approximately(matrix.rows.index, {4}, {0, 0, 2, 2}));
    BOOST_TEST(approximately(matrix.columns.order, {4}, {2, 0, 3, 1}));
}

BOOST_AUTO_TEST_CASE(transposed_exchanges_rows_and_columns) {
    const SparseMatrix matrix = example(), transposed = matrix.transposed();
    BOOST_TEST(approximately(to_dense(transposed), {4, 3}, {0, 0, 2, 5, 0, 0, 0, 0, 3, 7, 0, 0}));
    BOOST_TEST(transposed.values.same(matrix.values));
}

BOOST_AUTO_TEST_CASE(other_values_share_the_pattern) {
    const SparseMatrix matrix = example(), other = matrix.with_values(tensor({4}, {1, 2, 3, 4}));
    BOOST_TEST(approximately(to_dense(other), {3, 4}, {0, 1, 0, 2, 0, 0, 0, 0, 3, 0, 4, 0}));
    BOOST_TEST((to_dense(other).dtype() == DType::f64));
    BOOST_TEST(other.rows.order.same(matrix.rows.order));
}

BOOST_AUTO_TEST_CASE(entries_at_one_place_add_up) {
    BOOST_TEST(approximately(to_dense(sparse({0, 3}, {1, 0, 1}, {5, 2, 7}, 2)), {1, 2}, {2, 12}));
}

BOOST_AUTO_TEST_CASE(matrices_without_entries) {
    BOOST_TEST(approximately(to_dense(sparse({0, 0, 0}, {}, {}, 3)), {2, 3}, std::vector<double>(6)));
    BOOST_TEST(approximately(to_dense(sparse({0}, {}, {}, 3)), {0, 3}, {}));
    BOOST_TEST(approximately(to_dense(sparse({0, 0}, {}, {}, 0)), {1, 0}, {}));
}

BOOST_AUTO_TEST_CASE(csr_arrays_that_do_not_fit_are_refused) {
    const std::vector<Index> bad_offsets = {{}, {1, 2}, {0, 1}, {0, 3}, {0, 2, 1, 2}, {0, -1, 2}, {-2, 0, 2}};
    for (const Index& offsets : bad_offsets)
        expect_error<ShapeError>([&] { sparse(offsets, {0, 1}, {1, 2}, 2); }, {"make_sparse", "row offsets", "CSR"});
    expect_error<ShapeError>([] { sparse({0, 2}, {0, 1}, {1, 2, 3}, 2); }, {"2 column indices", "3 values"});
    expect_error<ShapeError>([] { sparse({0, 2}, {0}, {1, 2}, 2); }, {"1 column indices", "2 values"});
}

BOOST_AUTO_TEST_CASE(column_out_of_range_is_refused) {
    expect_error<IndexError>([] { sparse({0, 2}, {0, 2}, {1, 2}, 2); }, {"from 0 to 1", "2 at entry 1"});
    expect_error<IndexError>([] { sparse({0, 1}, {-1}, {1}, 2); }, {"-1 at entry 0"});
}

BOOST_AUTO_TEST_SUITE_END()
