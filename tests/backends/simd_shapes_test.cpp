// The simd kernels on more shapes than the samples of ops have (tools/check-backend tries those): rows of every width,
// long arrays, and rows with infinities and NaN.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "tests/backends/simd_fixture.hpp"

namespace tapegrad::testing {
namespace {

Attributes along(std::int64_t axis) { return {{"axis", axis}}; }

Attributes over(std::int64_t axis) { return {{"axes", Dims{axis}}, {"keep_axes", std::int64_t{0}}}; }

Attributes transposed(bool a, bool b) { return {{"transpose_a", std::int64_t{a}}, {"transpose_b", std::int64_t{b}}}; }

Tensors rows_and_grouping(const Tensor& rows, const Grouping& g) { return {rows, g.index, g.order, g.offsets}; }

void check_product(SampleSource& s, std::int64_t m, std::int64_t k, std::int64_t n) {
    for (const bool a : {false, true})
        for (const bool b : {false, true})
            check_op(op_named<"matmul">(),
                     {s.normal(a ? Shape{k, m} : Shape{m, k}), s.normal(b ? Shape{n, k} : Shape{k, n})},
                     transposed(a, b), s.dtype());
}

BOOST_AUTO_TEST_SUITE(backends_simd_shapes)

BOOST_AUTO_TEST_CASE(kernels_of_rows_take_any_width) {
    for (const DType dtype : float_types) {
        SampleSource s(simd(), dtype, 5);
        const Grouping grouping = s.grouping(300, 7), sparse = s.grouping(9, 20);
        for (std::int64_t width = 1; width <= 33; ++width) {
            const Tensor x = s.normal({5, width}), x3 = s.normal({2, 5, width}), few = s.normal({9, width});
            check_op(op_named<"add_bias">(), {x3, s.normal({width})}, {}, dtype);
            for (const std::int64_t axis : {0, 1}) {
                check_op(op_named<"softmax">(), {x3}, along(axis + 1), dtype);
                check_op(op_named<"log_softmax">(), {x}, along(axis), dtype);
                check_op(op_named<"logsumexp">(), {x}, along(axis), dtype);
                check_op(op_named<"sum">(), {x3}, over(axis + 1), dtype);
                check_op(op_named<"max">(), {x}, over(axis), dtype);
            }
            const Tensor labels = s.integers({5}, width);
            check_op(op_named<"nll_loss">(), {x, labels}, {}, dtype);
            check_op(op_named<"cross_entropy">(), {x, labels}, {}, dtype);
            check_op(op_named<"cross_entropy_gradient">(), {s.normal({}), x, labels}, {}, dtype);
            for (const OpDef* op : {&op_named<"scatter_sum">(), &op_named<"scatter_mean">(), &op_named<"scatter_max">(),
                                    &op_named<"scatter_softmax">()}) {
                check_op(*op, rows_and_grouping(s.normal({300, width}), grouping), {}, dtype);
                check_op(*op, rows_and_grouping(few, sparse), {}, dtype);
            }
            check_op(op_named<"gather">(), rows_and_grouping(s.normal({20, width}), sparse), {}, dtype);
            for (const Dims& permutation : {Dims{2, 1, 0}, Dims{0, 2, 1}, Dims{1, 0, 2}})
                check_op(op_named<"transpose">(), {x3}, {{"permutation", permutation}}, dtype);
            check_product(s, 5, 19, width);
            check_product(s, width, 3, 21);
            check_product(s, 18, width, 17);
        }
    }
}

BOOST_AUTO_TEST_CASE(long_arrays_are_cut_into_blocks) {
    for (const DType dtype : float_types) {
        SampleSource s(simd(), dtype, 9);
        const Tensor x = s.normal({100003}), rows = s.normal({4099, 7}), key = s.key();
        check_op(op_named<"sum">(), {x}, over(0), dtype);
        check_op(op_named<"max">(), {x}, over(0), dtype);
        check_op(op_named<"sum">(), {rows}, over(0), dtype);
        check_op(op_named<"max">(), {rows}, over(0), dtype);
        check_op(op_named<"logsumexp">(), {x}, along(0), dtype);
        check_op(op_named<"softmax">(), {rows}, along(0), dtype);
        check_op(op_named<"cross_entropy">(), {rows, s.integers({4099}, 7)}, {}, dtype);
        check_op(op_named<"dropout">(), {x, key}, {{"probability", 0.6}, {"call_site", std::int64_t{3}}}, dtype);
        check_op(op_named<"random_mask">(), {key},
                 {{"call_site", std::int64_t{3}}, {"threshold", std::int64_t{26214}}, {"count", std::int64_t{100003}}},
                 dtype);
        check_op(op_named<"scatter_sum">(), rows_and_grouping(rows, s.grouping(4099, 2)), {}, dtype);
        for (const auto& [m, k, n] : {std::array{33, 4099, 7}, std::array{70, 2100, 40}, std::array{1030, 20, 33}})
            check_product(s, m, k, n);
    }
}

BOOST_AUTO_TEST_CASE(sum_of_a_million_floats_has_their_digits) {
    const std::vector<double> tenths(1 << 20, static_cast<double>(0.1f));
    const Tensor x = from_values(simd(), {1 << 20}, tenths, DType::f32);
    BOOST_TEST(std::abs(sum(x).item() / (0.1f * double{1 << 20}) - 1) < 2 * rounding(DType::f32));
    const Tensor columns = reshape(x, {1 << 19, 2});
    BOOST_TEST(std::abs(sum(columns, {0}).values<double>()[1] / (0.1f * double{1 << 19}) - 1) <
               2 * rounding(DType::f32));
}

BOOST_AUTO_TEST_CASE(rows_with_nan_or_infinity_are_those_of_the_reference) {
    const std::vector<std::vector<double>> rows = {{1, nan, 2},       {infinity, 1, 2},
                                                   {-infinity, 1, 2}, {-infinity, -infinity, -infinity},
                                                   {1e30, -1e30, 0},  {-0.0, 0, nan}};
    for (const DType dtype : float_types)
        for (const std::vector<double>& row : rows)
            for (const std::int64_t axis : {0, 1}) {
                const Shape shape = axis == 0 ? Shape{3, 1} : Shape{1, 3};
                for (const OpDef* op : {&op_named<"softmax">(), &op_named<"log_softmax">(), &op_named<"logsumexp">()})
                    check_op(*op, {from_values(simd(), shape, row, dtype)}, along(axis), dtype);
                check_op(op_named<"max">(), {from_values(simd(), shape, row, dtype)}, over(axis), dtype);
                SampleSource s(simd(), dtype);
                const Grouping one_group = s.grouping(3, 1);
                for (const OpDef* op :
                     {&op_named<"scatter_sum">(), &op_named<"scatter_max">(), &op_named<"scatter_softmax">()})
                    check_op(*op, rows_and_grouping(from_values(simd(), {3}, row, dtype), one_group), {}, dtype);
                if (axis == 1)
                    for (const std::int32_t label : {0, 2, 3, -1}) {
                        const Tensor labels = from_values(simd(), {1}, std::span<const std::int32_t>(&label, 1));
                        const Tensor x = from_values(simd(), shape, row, dtype);
                        check_op(op_named<"nll_loss">(), {x, labels}, {}, dtype);
                        check_op(op_named<"cross_entropy">(), {x, labels}, {}, dtype);
                        check_op(op_named<"cross_entropy_gradient">(), {s.constant({}, 1), x, labels}, {}, dtype);
                    }
            }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
