#include "autograd/shape.hpp"

#include <boost/test/unit_test.hpp>
#include <vector>

#include "autograd/errors.hpp"
#include "tests/datasets/expect_error.hpp"

using namespace tapegrad;
using tapegrad::testing::expect_error;

BOOST_AUTO_TEST_SUITE(autograd_shape)

BOOST_AUTO_TEST_CASE(names_and_sizes_of_dtypes) {
    BOOST_TEST(to_string(DType::f32) == "f32");
    BOOST_TEST(to_string(DType::f64) == "f64");
    BOOST_TEST(to_string(DType::i32) == "i32");
    BOOST_TEST(size_of(DType::f32) == 4u);
    BOOST_TEST(size_of(DType::f64) == 8u);
    BOOST_TEST(size_of(DType::i32) == 4u);
}

BOOST_AUTO_TEST_CASE(shapes_as_text) {
    BOOST_TEST(to_string(Shape{}) == "[]");
    BOOST_TEST(to_string(Shape{3}) == "[3]");
    BOOST_TEST(to_string(Shape{2, 0, -1}) == "[2, 0, -1]");
}

BOOST_AUTO_TEST_CASE(six_axes_are_the_most) {
    BOOST_TEST((Dims{1, 2, 3, 4, 5, 6}.rank()) == 6u);
    const auto refused = [](const auto& action) { expect_error<ShapeError>(action, {"at most 6 axes", "7", "merge"}); };
    refused([] { Dims{1, 2, 3, 4, 5, 6, 7}; });
    refused([] { Dims{std::vector<std::int64_t>(7)}; });
    refused([] { Dims{1, 2, 3, 4, 5, 6}.push_back(7); });
    refused([] { Dims{1, 2, 3, 4, 5, 6}.insert(0, 7); });
}

BOOST_AUTO_TEST_CASE(entries_are_put_in_and_taken_out) {
    Dims dims = {3, 4};
    dims.insert(0, 2);
    dims.insert(3, 5);
    BOOST_TEST((dims == Dims{2, 3, 4, 5}));
    dims.erase(1);
    BOOST_TEST((dims == Dims{2, 4, 5}));
    BOOST_TEST((dims != Dims{2, 4}));
}

BOOST_AUTO_TEST_CASE(element_count_is_the_product_of_the_extents) {
    BOOST_TEST(element_count({}) == 1);
    BOOST_TEST(element_count({2, 3, 5}) == 30);
    BOOST_TEST(element_count({2, 0, 5}) == 0);
}

BOOST_AUTO_TEST_CASE(more_elements_than_can_be_counted_are_refused) {
    const std::int64_t large = std::int64_t{1} << 40;
    BOOST_TEST(element_count({large, 1 << 19}) == std::int64_t{1} << 59);
    for (const Shape& shape : {Shape{large, large}, Shape{large, large, 0}, Shape{0, large, large},
                               Shape{large, 1 << 20}, Shape{large, large, large}})
        expect_error<ShapeError>([&] { element_count(shape); }, {"2^59 elements", to_string(shape)});
}

BOOST_AUTO_TEST_CASE(strides_are_row_major) {
    BOOST_TEST((strides_of({2, 3, 5}) == Dims{15, 5, 1}));
    BOOST_TEST((strides_of({7}) == Dims{1}));
    BOOST_TEST((strides_of({}) == Dims{}));
}

BOOST_AUTO_TEST_CASE(shapes_broadcast_by_the_rule_of_numpy) {
    const auto check = [](const Shape& a, const Shape& b, const Shape& both) {
        BOOST_TEST((broadcast("op", a, b) == both), to_string(a) + " and " + to_string(b));
        BOOST_TEST((broadcast("op", b, a) == both), to_string(b) + " and " + to_string(a));
    };
    check({2, 3}, {2, 3}, {2, 3});
    check({2, 3}, {}, {2, 3});
    check({2, 3}, {3}, {2, 3});
    check({5, 1}, {1, 4}, {5, 4});
    check({8, 1, 6, 1}, {7, 1, 5}, {8, 7, 6, 5});
    check({1}, {0}, {0});
    check({0, 3}, {1, 3}, {0, 3});
}

BOOST_AUTO_TEST_CASE(shapes_that_do_not_broadcast_are_named_with_the_op) {
    expect_error<ShapeError>([] { broadcast("add", {2, 3}, {2}); }, {"add", "[2, 3] and [2]", "reshape"});
    expect_error<ShapeError>([] { broadcast("mul", {4}, {5, 3}); }, {"mul", "[4] and [5, 3]"});
    expect_error<ShapeError>([] { broadcast("mul", {0}, {3}); }, {"[0] and [3]"});
}

BOOST_AUTO_TEST_CASE(negative_axes_count_from_the_back) {
    BOOST_TEST(normalise_axis("sum", 0, 3) == 0u);
    BOOST_TEST(normalise_axis("sum", 2, 3) == 2u);
    BOOST_TEST(normalise_axis("sum", -1, 3) == 2u);
    BOOST_TEST(normalise_axis("sum", -3, 3) == 0u);
    expect_error<ShapeError>([] { normalise_axis("sum", 3, 3); }, {"sum", "from -3 to 2", "got 3"});
    expect_error<ShapeError>([] { normalise_axis("sum", -4, 3); }, {"sum", "from -3 to 2", "got -4"});
    expect_error<ShapeError>([] { normalise_axis("sum", 0, 0); }, {"sum"});
}

BOOST_AUTO_TEST_SUITE_END()
