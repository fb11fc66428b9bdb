// The reference backend's kernels that move, reduce and multiply arrays.
#include <array>
#include <cmath>
#include <numeric>

#include "tests/backends/reference_fixture.hpp"

namespace tapegrad::tests {
namespace {

using Numbers = std::tuple<float, double, std::int32_t>;

BOOST_FIXTURE_TEST_SUITE(backends_reference_arrays, Reference)

BOOST_AUTO_TEST_CASE_TEMPLATE(fill_sets_every_element, T, Numbers) {
    for (const std::int64_t count : {0, 1, 5, 1000})
        check_equal(compute<T>("fill", {}, {count}, {}, {-3}), std::vector<T>(static_cast<std::size_t>(count), T(-3)));
}

struct Layout {
    std::int64_t offset;
    Shape strides;
};

/// The integers of strided_copy.
std::vector<std::int64_t> strided(const Shape& dims, const Layout& x, const Layout& y) {
    std::vector<std::int64_t> integers = {static_cast<std::int64_t>(dims.size())};
    integers.insert(integers.end(), dims.begin(), dims.end());
    for (const Layout& layout : {x, y}) {
        integers.push_back(layout.offset);
        integers.insert(integers.end(), layout.strides.begin(), layout.strides.end());
    }
    return integers;
}

BOOST_AUTO_TEST_CASE_TEMPLATE(strided_copy_writes_the_named_block_and_nothing_else, T, Numbers) {
    struct Case {
        const char* name;
        Shape dims;
        Layout x, y;
        std::vector<T> wanted;  // of x = 1 .. 6; what is not written stays 77
    };
    const std::vector<Case> cases = {
        {"whole", {6}, {0, {1}}, {0, {1}}, {1, 2, 3, 4, 5, 6}},
        {"transpose [2, 3]", {3, 2}, {0, {1, 3}}, {0, {2, 1}}, {1, 4, 2, 5, 3, 6}},
        {"column of [2, 3]", {2, 1}, {1, {3, 1}}, {0, {1, 1}}, {2, 5, 77, 77, 77, 77}},
        {"every second, backwards", {3}, {5, {-2}}, {0, {1}}, {6, 4, 2, 77, 77, 77}},
        {"into every second, backwards", {3}, {0, {1}}, {4, {-2}}, {3, 77, 2, 77, 1, 77}},
        {"one element to all", {2, 3}, {2, {0, 0}}, {0, {3, 1}}, {3, 3, 3, 3, 3, 3}},
        {"one element into every second", {3}, {1, {0}}, {0, {2}}, {2, 77, 2, 77, 2, 77}},
        {"rows repeated", {2, 2}, {4, {0, 1}}, {0, {3, 1}}, {5, 6, 77, 5, 6, 77}},
        {"columns repeated", {2, 2}, {0, {3, 0}}, {1, {3, 1}}, {77, 1, 1, 77, 4, 4}},
        {"rank 0", {}, {3, {}}, {2, {}}, {77, 77, 4, 77, 77, 77}},
        {"rank 4", {1, 3, 1, 2}, {0, {0, 2, 9, 1}}, {5, {7, -2, 9, -1}}, {6, 5, 4, 3, 2, 1}},
        {"no columns", {3, 0}, {0, {2, 1}}, {0, {2, 1}}, {77, 77, 77, 77, 77, 77}},
        {"no rows, repeated", {0, 3}, {0, {1, 0}}, {0, {1, 1}}, {77, 77, 77, 77, 77, 77}},
    };
    const auto x = vector(std::vector<T>{1, 2, 3, 4, 5, 6});
    for (const Case& c : cases) {
        BOOST_TEST_CONTEXT(c.name)
        check_equal(compute<T>("strided_copy", {x}, {6}, strided(c.dims, c.x, c.y)), c.wanted);
    }
    const auto empty = vector(std::vector<T>{});
    BOOST_TEST(compute<T>("strided_copy", {empty}, {0}, strided({0}, {0, {1}}, {0, {1}})).empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(cast_turns_every_dtype_into_every_other, T, Numbers) {
    const std::vector<double> f64 = {0, -1, 2.75, -2.75, 1e6, -1e6};
    const std::vector<float> f32(f64.begin(), f64.end());
    const std::vector<std::int32_t> i32 = {0, -1, 2, -2, 1'000'000, -1'000'000};
    std::vector<T> from_real(f64.begin(), f64.end());
    if (dtype_of<T> == TG_I32) from_real.assign(i32.begin(), i32.end());  // towards zero
    check_equal(compute<T>("cast", {vector(f64)}, {6}), from_real);
    check_equal(compute<T>("cast", {vector(f32)}, {6}), from_real);
    check_equal(compute<T>("cast", {vector(i32)}, {6}), i32);
    BOOST_TEST(compute<T>("cast", {vector(std::vector<float>{})}, {0}).empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(cast_to_an_integer_stops_at_its_limits, T, Reals) {
    const auto x = vector(std::vector<T>{T(1e30), T(-1e30), T(inf), T(-inf), T(nan), T(2147483648.0)});
    check_equal(compute<std::int32_t>("cast", {x}, {6}),
                std::vector<std::int32_t>{INT32_MAX, INT32_MIN, INT32_MAX, INT32_MIN, 0, INT32_MAX});
}

const std::vector<Shape> reduced_shapes = {{1, 1, 1}, {3, 1, 1}, {1, 1, 5},  {1, 9, 1}, {4, 5, 1},     {1, 5, 4},
                                           {2, 3, 5}, {7, 8, 8}, {17, 1, 3}, {0, 3, 2}, {2, 3, 0},     {0, 3, 0},
                                           {5, 2, 0}, {1, 4, 0}, {0, 1, 1},  {1, 1, 0}, {3, 1009, 11}, {1, 4099, 1}};

BOOST_AUTO_TEST_CASE_TEMPLATE(reductions_run_over_the_middle_dimension, T, Reals) {
    for (const Shape& shape : reduced_shapes) {
        const auto x = values_of<T>(element_count(shape));
        std::vector<long double> sum(static_cast<std::size_t>(shape[0] * shape[2]));
        std::vector<T> max(sum.size(), T(-inf));
        for (std::size_t i = 0; i < x.size(); ++i) {
            const std::size_t inner = static_cast<std::size_t>(shape[2]);
            const std::size_t to = i / inner / static_cast<std::size_t>(shape[1]) * inner + i % inner;
            sum[to] += x[i];
            max[to] = std::max(max[to], x[i]);
        }
        BOOST_TEST_CONTEXT("[" << shape[0] << ", " << shape[1] << ", " << shape[2] << "]") {
            const auto got = compute<T>("reduce_sum", {upload(shape, x)}, {shape[0], shape[2]});
            BOOST_TEST_REQUIRE(got.size() == sum.size());
            for (std::size_t i = 0; i < got.size(); ++i)  // an f32 sum is rounded once; an f64 sum at every step
                BOOST_TEST(std::abs(got[i] - sum[i]) <= std::abs(sum[i]) * std::numeric_limits<T>::epsilon() +
                                                            1e-15 * static_cast<double>(shape[1]));
            check_equal(compute<T>("reduce_max", {upload(shape, x)}, {shape[0], shape[2]}), max);
        }
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_sum_over_nothing_is_zero, T, Reals) {
    for (const Shape& shape : {Shape{2, 0, 3}, {1, 0, 1}, {4, 0, 1}, {1, 0, 3}, {0, 0, 0}})
        check_equal(compute<T>("reduce_sum", {upload(shape, std::vector<T>{})}, {shape[0], shape[2]}),
                    std::vector<T>(static_cast<std::size_t>(shape[0] * shape[2])));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(reductions_keep_nan_and_infinity, T, Reals) {
    const std::vector<T> x = {1, T(nan), 2, T(-inf), T(-inf), T(-inf), T(inf), 3, T(-inf), 4, 5, T(nan), T(nan), 7, 8};
    const std::vector<double> sums = {nan, -inf, nan, nan, nan}, maxima = {nan, -inf, inf, nan, nan};
    check_equal(compute<T>("reduce_sum", {upload({5, 3, 1}, x)}, {5, 1}), sums);
    check_equal(compute<T>("reduce_max", {upload({5, 3, 1}, x)}, {5, 1}), maxima);
    std::vector<T> columns(x.size());  // the same, one segment a column
    for (std::size_t i = 0; i < x.size(); ++i) columns[i % 3 * 5 + i / 3] = x[i];
    check_equal(compute<T>("reduce_sum", {upload({1, 3, 5}, columns)}, {1, 5}), sums);
    check_equal(compute<T>("reduce_max", {upload({1, 3, 5}, columns)}, {1, 5}), maxima);
}

BOOST_AUTO_TEST_CASE(f32_sums_and_products_do_not_lose_small_terms) {
    std::vector<float> x(200'001, 0.01f);  // in f32, 2^24 + 0.01 is 2^24
    x[0] = 16'777'216.0f;
    const auto wanted = std::vector<float>{static_cast<float>(16'777'216.0 + 200'000 * double{0.01f})};
    check_equal(compute<float>("reduce_sum", {upload({1, 200'001, 1}, x)}, {1, 1}), wanted);
    const auto column = compute<float>("reduce_sum", {upload({1, 66'667, 3}, x)}, {1, 3});
    check_equal(std::vector<float>{column[0]}, std::vector<double>{16'777'216.0 + 66'666 * double{0.01f}});
    const auto ones = upload({1, 200'001, 1}, std::vector<float>(200'001, 1.0f));
    check_equal(compute<float>("matmul", {upload({1, 1, 200'001}, x), ones}, {1, 1, 1}, {0, 0}), wanted);
    std::vector<std::int32_t> order(x.size());
    std::iota(order.begin(), order.end(), 0);
    const auto index = vector(std::vector<std::int32_t>(x.size()));
    const auto offsets = vector(std::vector<std::int32_t>{0, 200'001});
    check_equal(compute<float>("scatter_sum", {upload({200'001, 1}, x), index, vector(order), offsets}, {1, 1}),
                wanted);
}

struct Product {
    std::int64_t batches, m, k, n;
};
const std::vector<Product> products = {{1, 1, 1, 1},   {1, 2, 3, 4}, {3, 5, 1, 2}, {2, 1, 7, 1}, {1, 17, 33, 9},
                                       {2, 31, 64, 7}, {0, 2, 3, 4}, {2, 0, 3, 4}, {2, 3, 0, 4}, {2, 3, 4, 0}};

BOOST_AUTO_TEST_CASE_TEMPLATE(matmul_multiplies_with_either_factor_transposed, T, Reals) {
    for (const auto& [batches, m, k, n] : products) {
        const auto a = values_of<T>(static_cast<std::size_t>(batches * m * k), 1);
        const auto b = values_of<T>(static_cast<std::size_t>(batches * k * n), 2);
        for (const auto& [transpose_a, transpose_b] : {std::array{0, 0}, {0, 1}, {1, 0}, {1, 1}}) {
            std::vector<long double> wanted, magnitude;
            for (std::int64_t i = 0; i < batches * m * n; ++i) {
                const std::int64_t batch = i / (m * n), row = i / n % m, column = i % n;
                long double sum = 0, of_magnitudes = 0;
                for (std::int64_t t = 0; t < k; ++t) {
                    const auto at_a =
                        static_cast<std::size_t>(batch * m * k + (transpose_a ? t * m + row : row * k + t));
                    const auto at_b =
                        static_cast<std::size_t>(batch * k * n + (transpose_b ? column * k + t : t * n + column));
                    sum += static_cast<long double>(a[at_a]) * b[at_b];
                    of_magnitudes += std::abs(static_cast<long double>(a[at_a]) * b[at_b]);
                }
                wanted.push_back(sum);
                magnitude.push_back(of_magnitudes);
            }
            const Shape a_shape = transpose_a ? Shape{batches, k, m} : Shape{batches, m, k};
            const Shape b_shape = transpose_b ? Shape{batches, n, k} : Shape{batches, k, n};
            const auto got = compute<T>("matmul", {upload(a_shape, a), upload(b_shape, b)}, {batches, m, n},
                                        {transpose_a, transpose_b});
            BOOST_TEST_CONTEXT(batches << " x " << m << " x " << k << " x " << n << ", " << transpose_a
                                       << transpose_b) {
                BOOST_TEST_REQUIRE(got.size() == wanted.size());
                for (std::size_t i = 0; i < got.size(); ++i)
                    BOOST_TEST(std::abs(got[i] - wanted[i]) <= std::abs(wanted[i]) * std::numeric_limits<T>::epsilon() +
                                                                   1e-16 * static_cast<double>(k) * magnitude[i]);
            }
        }
    }
}

/// Six entries of five values: 0 once, 1 never, 2 three times, 3 never, 4 twice.
struct Grouping {
    std::vector<std::int32_t> index = {2, 0, 4, 2, 2, 4}, order = {1, 0, 3, 4, 2, 5}, offsets = {0, 1, 1, 4, 4, 6};
};

BOOST_AUTO_TEST_CASE_TEMPLATE(gather_picks_rows, T, Numbers) {
    const Grouping g;
    const std::vector<DeviceArray> grouping = {vector(g.index), vector(g.order), vector(g.offsets)};
    const auto gather = [&](const Shape& shape, std::vector<T> x) {
        std::vector<DeviceArray> inputs = {upload(shape, x)};
        inputs.insert(inputs.end(), grouping.begin(), grouping.end());
        return compute<T>("gather", inputs, {6, shape[1]});
    };
    check_equal(gather({5, 1}, {10, 11, 12, 13, 14}), std::vector<T>{12, 10, 14, 12, 12, 14});
    check_equal(gather({5, 2}, {10, 20, 11, 21, 12, 22, 13, 23, 14, 24}),
                std::vector<T>{12, 22, 10, 20, 14, 24, 12, 22, 12, 22, 14, 24});
    BOOST_TEST(gather({5, 0}, {}).empty());
    const auto none = vector(std::vector<std::int32_t>{});
    const auto offsets = vector(std::vector<std::int32_t>{0, 0, 0});
    const auto x = upload({2, 3}, std::vector<T>(6, T(1)));
    BOOST_TEST(compute<T>("gather", {x, none, none, offsets}, {0, 3}).empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(scatter_reduces_each_segment_and_leaves_empty_ones_zero, T, Reals) {
    const Grouping g;
    const std::vector<DeviceArray> grouping = {vector(g.index), vector(g.order), vector(g.offsets)};
    const auto scatter = [&](const char* name, std::int64_t width, std::vector<T> x) {
        std::vector<DeviceArray> inputs = {upload({6, width}, x)};
        inputs.insert(inputs.end(), grouping.begin(), grouping.end());
        return compute<T>(name, inputs, {5, width});
    };
    const std::vector<T> x = {1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6};
    check_equal(scatter("scatter_sum", 2, x), std::vector<T>{2, -2, 0, 0, 10, -10, 0, 0, 9, -9});
    check_equal(scatter("scatter_max", 2, x), std::vector<T>{2, -2, 0, 0, 5, -1, 0, 0, 6, -3});
    BOOST_TEST(scatter("scatter_sum", 0, {}).empty());
    BOOST_TEST(scatter("scatter_max", 0, {}).empty());

    // Segment 0 is one entry, 2 holds NaN between numbers (or first, or last), 4 is -inf in whole or in part.
    const std::vector<T> edges = {T(nan), 1,      2, T(-inf), 1, T(inf), T(-inf), T(-inf), 3,
                                  2,      T(nan), 4, 3,       2, T(nan), T(-inf), 7,       8};
    check_equal(scatter("scatter_max", 3, edges),
                std::vector<double>{0, 1, inf, 0, 0, 0, nan, nan, nan, 0, 0, 0, 0, 7, 8});
    check_equal(scatter("scatter_sum", 3, edges),
                std::vector<double>{-inf, 1, inf, 0, 0, 0, nan, nan, nan, 0, 0, 0, -inf, -inf, 11});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(scatter_without_entries_gives_zeros, T, Reals) {
    const auto none = vector(std::vector<std::int32_t>{});
    const auto offsets = vector(std::vector<std::int32_t>{0, 0, 0});
    for (const char* name : {"scatter_sum", "scatter_max"}) {
        const auto x = upload({0, 3}, std::vector<T>{});
        check_equal(compute<T>(name, {x, none, none, offsets}, {2, 3}), std::vector<T>(6));
        const auto no_segments = vector(std::vector<std::int32_t>{0});
        BOOST_TEST(compute<T>(name, {x, none, none, no_segments}, {0, 3}).empty());
    }
}

BOOST_AUTO_TEST_CASE(sums_follow_the_order_of_the_segment) {
    // 1e16 + 1 - 1e16 is 0 in f64, 1e16 - 1e16 + 1 is 1: only the order tells them apart.
    const auto x = upload({3, 1}, std::vector<double>{1e16, 1, -1e16});
    const auto index = vector(std::vector<std::int32_t>{0, 0, 0}), offsets = vector(std::vector<std::int32_t>{0, 3});
    const auto sum = [&](std::vector<std::int32_t> order) {
        return compute<double>("scatter_sum", {x, index, vector(order), offsets}, {1, 1})[0];
    };
    BOOST_TEST(sum({0, 1, 2}) == 0.0);
    BOOST_TEST(sum({0, 2, 1}) == 1.0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::tests
