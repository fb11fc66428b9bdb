#include "autograd/ops/matmul.hpp"

#include <boost/test/unit_test.hpp>

#include "autograd/errors.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/autograd/ops/indices.hpp"
#include "tests/datasets/expect_error.hpp"

namespace tapegrad::testing {
namespace {

// The leading axes of a, those of b, and those of the product.
struct Batch {
    Shape a, b, product;
};

Shape matrix(Shape batch, std::int64_t rows, std::int64_t columns, bool transposed) {
    batch.push_back(transposed ? columns : rows);
    batch.push_back(transposed ? rows : columns);
    return batch;
}

// Element (i, j) of one matrix of the batch, wherever it is stored.
double element(const std::vector<double>& values, const Shape& shape, Index index, std::int64_t i, std::int64_t j,
               bool transposed) {
    index.push_back(transposed ? j : i);
    index.push_back(transposed ? i : j);
    return values[position(shape, index)];
}

void check_product(const Batch& batch, std::int64_t m, std::int64_t k, std::int64_t n, bool transpose_a,
                   bool transpose_b, DType dtype) {
    const Shape a = matrix(batch.a, m, k, transpose_a), b = matrix(batch.b, k, n, transpose_b);
    const std::vector<double> a_values = numbers(a), b_values = numbers(b, 1);
    std::vector<double> wanted;
    for (const Index& index : indices(batch.product))
        for (std::int64_t i = 0; i < m; ++i)
            for (std::int64_t j = 0; j < n; ++j) {
                double total = 0;
                for (std::int64_t l = 0; l < k; ++l)
                    total +=
                        element(a_values, a, index, i, l, transpose_a) * element(b_values, b, index, l, j, transpose_b);
                wanted.push_back(total);
            }
    BOOST_TEST_CONTEXT(to_string(dtype) << to_string(a) << " x " << to_string(b)) {
        BOOST_TEST(
            approximately(matmul(tensor(a, a_values, dtype), tensor(b, b_values, dtype), transpose_a, transpose_b),
                          matrix(batch.product, m, n, false), wanted, dtype == DType::f32 ? 2e-5 : 1e-12));
    }
}

BOOST_AUTO_TEST_SUITE(autograd_ops_matmul)

BOOST_AUTO_TEST_CASE(a_product_worked_by_hand) {
    const Tensor a = tensor({2, 3}, {1, 2, 3, 4, 5, 6}), b = tensor({3, 2}, {7, 8, 9, 10, 11, 12});
    BOOST_TEST(approximately(matmul(a, b), {2, 2}, {58, 64, 139, 154}));
}

BOOST_AUTO_TEST_CASE(all_transposes_and_batches_give_what_three_loops_give) {
    for (const Batch& batch :
         {Batch{{}, {}, {}}, Batch{{3}, {3}, {3}}, Batch{{3}, {}, {3}}, Batch{{}, {2, 3}, {2, 3}},
          Batch{{2, 1}, {3}, {2, 3}}, Batch{{0}, {1}, {0}}, Batch{{2, 1, 2, 1}, {1, 3, 1, 2}, {2, 3, 2, 2}}})
        for (const auto& [m, k, n] : {std::array{2, 3, 4}, std::array{1, 1, 1}, std::array{5, 7, 2},
                                      std::array{2, 0, 3}, std::array{0, 3, 2}, std::array{2, 3, 0}})
            for (const bool transpose_a : {false, true})
                for (const bool transpose_b : {false, true})
                    for (const DType dtype : float_types)
                        check_product(batch, m, k, n, transpose_a, transpose_b, dtype);
    check_product({{}, {}, {}}, 67, 129, 65, false, true, DType::f32);
}

BOOST_AUTO_TEST_CASE(nothing_is_repeated_for_a_product_without_elements) {
    const std::int64_t many = std::int64_t{1} << 30;
    const Tensor product = matmul(full(reference(), {many, 0, 1024}, 1), full(reference(), {1024, 8}, 1));
    BOOST_TEST(approximately(product, {many, 0, 8}, {}));
}

BOOST_AUTO_TEST_CASE(matrices_that_do_not_fit_are_named_with_the_op) {
    const auto fails = [](const Shape& a, const Shape& b, bool transpose_a, bool transpose_b) {
        expect_error<ShapeError>(
            [&] { matmul(tensor(a, numbers(a)), tensor(b, numbers(b)), transpose_a, transpose_b); },
            {"matmul:", to_string(a) + (transpose_a ? " transposed x " : " x ") + to_string(b) +
                            (transpose_b ? " transposed." : ".")});
    };
    fails({2, 3}, {2, 3}, false, false);
    fails({2, 3}, {3, 2}, true, false);
    fails({2, 3}, {3, 2}, false, true);
    fails({3}, {3, 2}, false, false);
    fails({2, 3}, {3}, false, false);
    fails({}, {}, false, false);
    expect_error<ShapeError>(
        [] {
            matmul(tensor({2, 1, 1}, {1, 2}), tensor({3, 1, 1}, {1, 2, 3}));
        },
        {"matmul:", "[2]", "[3]"});
}

BOOST_AUTO_TEST_CASE(dtypes_do_not_mix) {
    const Tensor f32 = tensor({1, 1}, {1}, DType::f32), f64 = tensor({1, 1}, {1}),
                 i32 = tensor({1, 1}, {1}, DType::i32);
    expect_error<TypeError>([&] { matmul(f32, f64); }, {"matmul:", "f32 and f64"});
    expect_error<TypeError>([&] { matmul(i32, i32); }, {"matmul:", "i32"});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
