#include "autograd/tensor.hpp"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <limits>
#include <vector>

#include "autograd/errors.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/datasets/expect_error.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

BOOST_AUTO_TEST_SUITE(autograd_tensor)

BOOST_AUTO_TEST_CASE(values_come_back_bit_for_bit) {
    const std::vector<double> doubles = {0.1, -1e300, 5e-324, infinity, 0};
    BOOST_TEST(from_values(reference(), {5}, doubles, DType::f64).values<double>() == doubles,
               boost::test_tools::per_element());
    const std::vector<float> floats = {0.1f, -3e38f, 1e-45f, 16777216};
    BOOST_TEST(from_values(reference(), {2, 2}, floats).values<float>() == floats, boost::test_tools::per_element());
    const std::vector<std::int32_t> integers = {0, -7, std::numeric_limits<std::int32_t>::max(),
                                                std::numeric_limits<std::int32_t>::min()};
    BOOST_TEST(from_values(reference(), {4}, integers).values<std::int32_t>() == integers,
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(values_are_converted_on_the_way_in_and_out) {
    const Tensor rounded = tensor({2}, {0.1, 16777217}, DType::f32);
    BOOST_TEST(rounded.values<double>() == (std::vector<double>{0.1f, 16777216}), boost::test_tools::per_element());
    BOOST_TEST(tensor({2}, {3, -4}, DType::i32).values<float>() == (std::vector<float>{3, -4}),
               boost::test_tools::per_element());
    BOOST_TEST(tensor({2}, {2.75, -2.75}).values<std::int32_t>() == (std::vector<std::int32_t>{2, -2}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(shape_dtype_and_sizes_are_those_given) {
    const Tensor x = tensor({2, 3}, std::vector<double>(6), DType::f32);
    BOOST_TEST((x.shape() == Shape{2, 3}));
    BOOST_TEST((x.dtype() == DType::f32));
    BOOST_TEST(x.rank() == 2u);
    BOOST_TEST(x.size() == 6);
    BOOST_TEST(x.bytes() == 24u);
    BOOST_TEST((x.backend() == reference()));
}

BOOST_AUTO_TEST_CASE(tensor_without_elements_is_a_tensor) {
    const Tensor x = tensor({0, 3}, {});
    BOOST_TEST(x.defined());
    BOOST_TEST(x.size() == 0);
    BOOST_TEST(x.values<double>().empty());
    BOOST_TEST(zeros_like(x).values<float>().empty());
}

BOOST_AUTO_TEST_CASE(full_and_zeros_like_fill_every_dtype) {
    for (const DType dtype : {DType::f32, DType::f64, DType::i32}) {
        const Tensor x = full(reference(), {2, 2}, 3, dtype);
        BOOST_TEST((x.dtype() == dtype));
        BOOST_TEST(approximately(x, {2, 2}, {3, 3, 3, 3}));
        BOOST_TEST((zeros_like(x).dtype() == dtype));
        BOOST_TEST(approximately(zeros_like(x), {2, 2}, {0, 0, 0, 0}));
    }
}

BOOST_AUTO_TEST_CASE(wrong_number_of_values_is_refused) {
    expect_error<ShapeError>([] { tensor({2, 3}, {1, 2, 3, 4, 5}); }, {"from_values", "6 values", "[2, 3]", "got 5"});
    expect_error<ShapeError>([] { tensor({}, {}); }, {"1 values", "got 0"});
    expect_error<ShapeError>([] { from_values(reference(), {2}, std::vector<float>(3)); }, {"2 values", "got 3"});
    expect_error<ShapeError>([] { from_values(reference(), {2}, std::vector<std::int32_t>(3)); }, {"got 3"});
}

BOOST_AUTO_TEST_CASE(negative_extent_is_refused) {
    expect_error<ShapeError>([] { full(reference(), {2, -1}, 0); }, {"tensor", "0 or more", "[2, -1]"});
    expect_error<ShapeError>([] { tensor({-1, -2}, {1, 2}); }, {"tensor", "[-1, -2]"});
}

BOOST_AUTO_TEST_CASE(more_elements_than_can_be_counted_are_refused) {
    const std::int64_t large = std::int64_t{1} << 40;
    expect_error<ShapeError>([&] { full(reference(), {large, large}, 0); }, {"[1099511627776, 1099511627776]"});
    expect_error<ShapeError>([&] { tensor({large, large}, {}); }, {"[1099511627776, 1099511627776]"});
}

BOOST_AUTO_TEST_CASE(undefined_tensor_is_an_error_in_every_use) {
    const Tensor none, some = tensor({}, {1});
    BOOST_TEST(!none.defined());
    const std::vector<std::function<void()>> uses = {
        [&] { none.shape(); },         [&] { none.dtype(); },        [&] { none.backend(); },
        [&] { none.size(); },          [&] { none.item(); },         [&] { none.version(); },
        [&] { none.values<float>(); }, [&] { none.array(); },        [&] { none.detach(); },
        [&] { none.grad(); },          [&] { none.is_parameter(); }, [&] { none.set_grad(some); },
        [&] { zeros_like(none); },     [&] { parameter(none); },     [&] { assign(none, some); },
        [&] { assign(some, none); }};
    for (const auto& use : uses) expect_error<TypeError>(use, {"undefined", "give it a value"});
}

BOOST_AUTO_TEST_CASE(item_is_the_one_element) {
    BOOST_TEST(tensor({}, {2.5}).item() == 2.5);
    BOOST_TEST(tensor({1, 1}, {-3}, DType::i32).item() == -3);
    expect_error<ShapeError>([] { tensor({2}, {1, 2}).item(); }, {"item", "one element", "[2]", "sum or mean"});
    expect_error<ShapeError>([] { tensor({0}, {}).item(); }, {"item", "[0]"});
}

BOOST_AUTO_TEST_CASE(copies_are_the_same_value_and_aliases_only_share_memory) {
    const Tensor x = tensor({2, 2}, {1, 2, 3, 4}), copy = x, flat = x.alias({4}), detached = x.detach();
    BOOST_TEST(copy.same(x));
    BOOST_TEST(!flat.same(x));
    BOOST_TEST(!detached.same(x));
    assign(flat, tensor({4}, {5, 6, 7, 8}));
    for (const Tensor& other : {x, copy, detached}) BOOST_TEST(approximately(other, {2, 2}, {5, 6, 7, 8}));
}

BOOST_AUTO_TEST_CASE(assign_overwrites_in_place_and_counts_up_the_version) {
    const Tensor x = tensor({2}, {1, 2}), alias = x.detach(), value = tensor({2}, {3, 4});
    const void* const memory = x.array().data;
    const std::uint64_t before = x.version();
    assign(x, value);
    BOOST_TEST(approximately(x, {2}, {3, 4}));
    BOOST_TEST(x.array().data == memory);
    BOOST_TEST(x.version() == before + 1);
    BOOST_TEST(alias.version() == before + 1);
    BOOST_TEST(value.version() == 0u);
    assign(value, tensor({2}, {9, 9}));
    BOOST_TEST(approximately(x, {2}, {3, 4}), "the value was copied");
}

BOOST_AUTO_TEST_CASE(assign_from_the_host_converts_and_is_noticed) {
    for (const DType dtype : {DType::f32, DType::f64, DType::i32}) {
        const Tensor x = full(reference(), {2}, 1, dtype);
        const void* const memory = x.array().data;
        assign(x, std::array{3.0, -4.0});
        BOOST_TEST(x.values<double>() == (std::vector<double>{3, -4}), boost::test_tools::per_element());
        BOOST_TEST(x.array().data == memory);
        BOOST_TEST(x.version() == 1U);
        expect_error<ShapeError>([&] { assign(x, std::array{1.0}); }, {"assign:", "2 values for shape [2]", "1"});
    }
}

BOOST_AUTO_TEST_CASE(assign_refuses_another_shape_or_dtype) {
    const Tensor x = tensor({2, 3}, {1, 2, 3, 4, 5, 6});
    expect_error<ShapeError>([&] { assign(x, tensor({3}, {1, 2, 3})); }, {"assign", "[2, 3]", "[3]", "reshape"});
    expect_error<TypeError>(
        [&] {
            assign(x, tensor({2, 3}, std::vector<double>(6), DType::f32));
        },
        {"assign", "f64", "f32", "cast"});
    BOOST_TEST(approximately(x, {2, 3}, {1, 2, 3, 4, 5, 6}));
    BOOST_TEST(x.version() == 0u);
}

BOOST_AUTO_TEST_CASE(parameter_shares_the_memory_and_is_marked) {
    const Tensor value = tensor({2}, {1, 2}), weight = parameter(value);
    BOOST_TEST(weight.is_parameter());
    BOOST_TEST(!value.is_parameter());
    BOOST_TEST(!weight.detach().is_parameter());
    BOOST_TEST(weight.array().data == value.array().data);
}

BOOST_AUTO_TEST_CASE(grad_that_is_not_like_its_parameter_is_refused) {
    const Tensor weight = parameter(tensor({2}, {1, 2}));
    expect_error<ShapeError>([&] { weight.set_grad(tensor({3}, {1, 2, 3})); }, {"set_grad", "[2]", "[3]"});
    expect_error<TypeError>([&] { weight.set_grad(tensor({2}, {1, 2}, DType::f32)); }, {"set_grad", "f64", "f32"});
    BOOST_TEST(!weight.grad().defined());
}

BOOST_AUTO_TEST_CASE(grad_is_set_and_taken_away) {
    const Tensor weight = parameter(tensor({2}, {1, 2})), copy = weight, gradient = tensor({2}, {5, 6});
    weight.set_grad(gradient);
    BOOST_TEST(copy.grad().same(gradient));
    weight.set_grad({});
    BOOST_TEST(!copy.grad().defined());
}

BOOST_AUTO_TEST_SUITE_END()
