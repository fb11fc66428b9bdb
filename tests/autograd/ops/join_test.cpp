#include "autograd/ops/join.hpp"

#include <boost/test/unit_test.hpp>

#include "autograd/errors.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/autograd/ops/indices.hpp"
#include "tests/datasets/expect_error.hpp"

namespace tapegrad::testing {
namespace {

Tensor joined(bool as_new_axis, const Tensors& parts, std::int64_t axis) {
    return as_new_axis ? stack(parts, axis) : cat(parts, axis);
}

BOOST_AUTO_TEST_SUITE(autograd_ops_join)

BOOST_AUTO_TEST_CASE(parts_stand_one_behind_the_other) {
    for (const DType dtype : {DType::f32, DType::f64, DType::i32}) {
        const auto make = [&](const Shape& shape, const std::vector<double>& values) {
            return tensor(shape, values, dtype);
        };
        const Tensor a = make({2, 2}, {1, 2, 3, 4}), b = make({2, 1}, {5, 6}), c = make({1, 2}, {7, 8});
        const Tensor none = make({0, 2}, {});
        BOOST_TEST(approximately(cat(Tensors{a, b, a}, 1), {2, 5}, {1, 2, 5, 1, 2, 3, 4, 6, 3, 4}));
        BOOST_TEST(approximately(cat(Tensors{a, b}, -1), {2, 3}, {1, 2, 5, 3, 4, 6}));
        BOOST_TEST(approximately(cat(Tensors{c, none, a}, -2), {3, 2}, {7, 8, 1, 2, 3, 4}));
        BOOST_TEST(approximately(cat(Tensors{none, none}, 0), {0, 2}, {}));
        BOOST_TEST(approximately(cat(Tensors{a}, 0), {2, 2}, {1, 2, 3, 4}));
        BOOST_TEST(approximately(stack(Tensors{a, a}, 0), {2, 2, 2}, {1, 2, 3, 4, 1, 2, 3, 4}));
        BOOST_TEST(
            approximately(stack(Tensors{a, make({2, 2}, {9, 8, 7, 6})}, 1), {2, 2, 2}, {1, 2, 9, 8, 3, 4, 7, 6}));
        BOOST_TEST(approximately(stack(Tensors{b, b, b}, -1), {2, 1, 3}, {5, 5, 5, 6, 6, 6}));
        BOOST_TEST(approximately(stack(Tensors{make({}, {1}), make({}, {2})}), {2}, {1, 2}));
        BOOST_TEST(approximately(stack(Tensors{b}, 1), {2, 1, 1}, {5, 6}));
    }
}

BOOST_AUTO_TEST_CASE(every_element_of_a_middle_axis_comes_from_its_part) {
    const Shape left{2, 3, 1, 2, 2, 2}, right{2, 4, 1, 2, 2, 2}, both{2, 7, 1, 2, 2, 2};
    std::vector<double> wanted;
    for (Index index : indices(both)) {
        const bool from_right = index[1] >= left[1];
        if (from_right) index[1] -= left[1];
        wanted.push_back(from_right ? numbers(right, 1)[position(right, index)] : numbers(left)[position(left, index)]);
    }
    BOOST_TEST(
        approximately(cat(Tensors{tensor(left, numbers(left)), tensor(right, numbers(right, 1))}, 1), both, wanted));
}

BOOST_AUTO_TEST_CASE(a_part_that_stands_twice_gets_both_gradients) {
    const Tensor x = tensor({2}, {1, 2}), weights = tensor({4}, {1, 10, 100, 1000});
    for (const bool as_new_axis : {false, true}) {
        Tape tape;
        tape.watch(x);
        const Tensor y = joined(as_new_axis, {x, x}, 0);
        const Tensor cotangent = weights.alias(y.shape());
        BOOST_TEST(approximately(tape.pull_back(std::span(&y, 1), std::span(&cotangent, 1), std::span(&x, 1))[0], {2},
                                 {101, 1010}));
    }
}

BOOST_AUTO_TEST_CASE(parts_that_do_not_fit_are_refused_by_name) {
    const Tensor a = tensor({2, 3}, numbers({2, 3})), b = tensor({3, 2}, numbers({3, 2})),
                 single = tensor({2, 3}, numbers({2, 3}), DType::f32);
    for (const bool as_new_axis : {false, true}) {
        const std::string op = as_new_axis ? "stack:" : "cat:";
        expect_error<ShapeError>([&] { joined(as_new_axis, {a, b}, 0); }, {op, "[2, 3] and [3, 2]"});
        expect_error<ShapeError>([&] { joined(as_new_axis, {a, tensor({}, {1})}, 0); }, {op, "[2, 3] and []"});
        expect_error<TypeError>([&] { joined(as_new_axis, {}, 0); }, {op, "parts...", "0 inputs"});
        expect_error<ShapeError>([&] { joined(as_new_axis, {a, a}, 3); }, {op, "3"});
        expect_error<ShapeError>([&] { joined(as_new_axis, {a, a}, -4); }, {op, "-4"});
        expect_error<TypeError>([&] { joined(as_new_axis, {a, single}, 0); }, {op, "f64 and f32"});
    }
    expect_error<ShapeError>([&] { cat(Tensors{a, a}, 2); }, {"cat:", "2"});
    expect_error<ShapeError>([&] { cat(Tensors{tensor({}, {1})}, 0); }, {"cat:"});
    const Tensor long_one = full(reference(), {std::int64_t{1} << 59, 0}, 1);
    expect_error<ShapeError>([&] { cat(Tensors(32, long_one), 0); }, {"at most 2^59 elements"});
    const Tensor deep = tensor({1, 1, 1, 1, 1, 1}, {1});
    BOOST_CHECK_THROW(stack(Tensors{deep, deep}, 0), ShapeError);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
