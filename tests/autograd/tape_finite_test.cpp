// check_finite stops at the first op that made a NaN or an infinity.
#include <boost/test/unit_test.hpp>

#include "autograd/errors.hpp"
#include "autograd/ops.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/autograd/sample_ops.hpp"
#include "tests/datasets/expect_error.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

BOOST_AUTO_TEST_SUITE(autograd_tape_finite)

BOOST_AUTO_TEST_CASE(op_that_made_an_infinity_or_nan_is_named_with_its_inputs) {
    const Tape tape({.check_finite = true});
    const Tensor x = tensor({2}, {0, -1});
    expect_error<TapeError>([&] { log(x); }, {"log", "finite", "NaN or an infinity", "f64 [2]"});
    const Tensor large = tensor({3, 1}, {1, 3e38, 2}, DType::f32), row = tensor({1, 2}, {1, 3e38}, DType::f32);
    expect_error<TapeError>([&] { large + row; }, {"add", "f32 [3, 1]", "f32 [1, 2]"});
}

BOOST_AUTO_TEST_CASE(input_that_was_not_finite_is_pointed_out) {
    const Tape tape({.check_finite = true});
    const Tensor good = tensor({2}, {1, 2}), bad = tensor({2}, {1, testing::nan});
    expect_error<TapeError>([&] { good + bad; }, {"add", "f64 [2], f64 [2] (already not finite)"});
}

BOOST_AUTO_TEST_CASE(every_element_is_looked_at) {
    const Tape tape({.check_finite = true});
    for (const std::size_t place : {0, 499, 999})
        for (const double value : {testing::nan, infinity, -infinity}) {
            std::vector<double> values(1000, 1e300);
            values[place] = value;
            expect_error<TapeError>([&] { reshape(tensor({1000}, values), {10, 100}); }, {"reshape"});
        }
    reshape(tensor({1000}, std::vector<double>(1000, 1e300)), {10, 100});
    tensor({0}, {}) + tensor({}, {1});
    cast(tensor({2}, {1, 2}), DType::i32);
}

BOOST_AUTO_TEST_CASE(gradient_that_is_not_finite_names_the_op) {
    const Tensor x = tensor({2}, {4, 0});
    Tape tape({.check_finite = true});
    tape.watch(x);
    const Tensor loss = sum(sqrt(x));
    expect_error<TapeError>([&] { tape.gradient(loss, {x}); }, {"gradient of sqrt", "NaN or an infinity", "f64 [2]"});
}

BOOST_AUTO_TEST_CASE(gradient_of_an_op_with_several_outputs_is_checked_too) {
    OpDef op = product_and_sum_op();
    op.vjp = [](const VjpCall& call) -> Tensors {
        return {call.gradient(1) / scalar_like(call.gradient(1), 0), call.gradient(1)};
    };
    const Tensor x = tensor({2}, {4, 0});
    Tape tape({.check_finite = true});
    tape.watch(x);
    const Tensor loss = sum(apply(op, Tensors{x, x})[1]);
    expect_error<TapeError>([&] { tape.gradient(loss, {x}); }, {"gradient of test_product_and_sum", "f64 [2]"});
}

BOOST_AUTO_TEST_CASE(infinity_inside_a_vjp_that_does_not_reach_the_gradient_is_no_error) {
    // The derivative of a^b by b is a^b log(a), 0 at a = 0, though log(0) alone is -inf.
    const Tensor exponent = tensor({2}, {2, 3});
    Tape tape({.check_finite = true});
    tape.watch(exponent);
    const Tensor loss = sum(pow(tensor({2}, {0, 1}), exponent));
    BOOST_TEST(approximately(tape.gradient(loss, {exponent})[0], {2}, {0, 0}));
}

BOOST_AUTO_TEST_CASE(checking_goes_on_after_backward) {
    const Tensor weight = parameter(tensor({}, {4}));
    Tape tape({.check_finite = true});
    tape.backward(sqrt(weight));
    expect_error<TapeError>([&] { log(weight * tensor({}, {-1})); }, {"log"});
}

BOOST_AUTO_TEST_CASE(without_the_option_nothing_is_checked) {
    const Tensor x = tensor({2}, {4, 0});
    Tape tape;
    tape.watch(x);
    const Tensor loss = sum(sqrt(x));
    BOOST_TEST(approximately(tape.gradient(loss, {x})[0], {2}, {0.25, infinity}));
}

BOOST_AUTO_TEST_SUITE_END()
