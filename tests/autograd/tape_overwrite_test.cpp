// A saved tensor that was overwritten is an error that names the op, never a wrong gradient.
#include <boost/test/unit_test.hpp>

#include "autograd/errors.hpp"
#include "autograd/ops.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/datasets/expect_error.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

BOOST_AUTO_TEST_SUITE(autograd_tape_overwrite)

BOOST_AUTO_TEST_CASE(assign_to_a_saved_input_is_noticed) {
    const Tensor weight = parameter(tensor({}, {3})), x = tensor({}, {2});
    Tape tape;
    const Tensor loss = weight * x;
    assign(x, tensor({}, {5}));
    expect_error<TapeError>([&] { tape.backward(loss); },
                            {"mul", "input 1", "overwritten", "before an optimizer step"});
    BOOST_TEST(!weight.grad().defined());
}

BOOST_AUTO_TEST_CASE(assign_to_a_saved_output_is_noticed) {
    const Tensor weight = parameter(tensor({}, {3}));
    Tape tape;
    const Tensor y = exp(weight), loss = y + y;
    assign(y, tensor({}, {5}));
    expect_error<TapeError>([&] { tape.backward(loss); }, {"exp", "output 0", "overwritten"});
}

BOOST_AUTO_TEST_CASE(optimizer_steps_are_noticed) {
    const Tensor zero = tensor({}, {0}), one = tensor({}, {1});
    for (const bool adam : {false, true}) {
        const Tensor weight = parameter(tensor({}, {3}));
        Tape tape;
        const Tensor loss = weight * weight;
        if (adam)
            adam_step(std::vector{AdamTensors{weight, zero, tensor({}, {0}), one}}, tensor({3}, {1, 1, 1}), {});
        else
            sgd_step(std::vector{SgdTensors{weight, zero, one}}, one, 0, 0);
        expect_error<TapeError>([&] { tape.backward(loss); }, {"mul", "overwritten"});
    }
}

BOOST_AUTO_TEST_CASE(overwriting_through_a_reshaped_tensor_is_noticed) {
    const Tensor weight = parameter(tensor({2, 3}, {1, 2, 3, 4, 5, 6}));
    const Tensor flat = reshape(weight, {6});
    Tape tape;
    const Tensor loss = sum(weight * weight);
    assign(flat, tensor({6}, {6, 5, 4, 3, 2, 1}));
    expect_error<TapeError>([&] { tape.backward(loss); }, {"mul", "overwritten"});
}

BOOST_AUTO_TEST_CASE(overwriting_a_tensor_that_is_not_saved_is_no_error) {
    const Tensor weight = parameter(tensor({}, {3})), x = tensor({}, {2});
    Tape tape;
    const Tensor loss = weight + x;
    assign(weight, tensor({}, {10}));
    assign(x, tensor({}, {20}));
    tape.backward(loss);
    BOOST_TEST(approximately(weight.grad(), {}, {1}));
}

BOOST_AUTO_TEST_CASE(overwriting_before_the_forward_pass_and_after_the_backward_pass_is_no_error) {
    const Tensor weight = parameter(tensor({}, {3}));
    assign(weight, tensor({}, {4}));
    Tape tape;
    tape.backward(weight * weight);
    assign(weight, tensor({}, {5}));
    BOOST_TEST(approximately(weight.grad(), {}, {8}));
}

BOOST_AUTO_TEST_CASE(overwritten_tensor_whose_vjp_does_not_run_is_no_error) {
    const Tensor weight = parameter(tensor({}, {3})), x = tensor({}, {2});
    Tape tape;
    x* weight;
    const Tensor loss = weight + weight;
    assign(x, tensor({}, {5}));
    tape.backward(loss);
    BOOST_TEST(approximately(weight.grad(), {}, {2}));
}

BOOST_AUTO_TEST_SUITE_END()
