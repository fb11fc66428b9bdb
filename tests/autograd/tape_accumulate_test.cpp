// Gradients that arrive at one value more than once.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "autograd/ops.hpp"
#include "tests/autograd/approximately.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

// x^2 added up so many times: as many gradients arrive at x twice over.
Tensor squares(const Tensor& x, int times) {
    Tensor total = x * x;
    for (int i = 1; i < times; ++i) total = total + x * x;
    return sum(total);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(autograd_tape_accumulate)

BOOST_AUTO_TEST_CASE(gradients_are_added_up_in_one_place) {
    const BackendPtr backend = open_backend("reference");
    const Tensor x = full(backend, {1000}, 0.5, DType::f64);
    Tape tape;
    tape.watch(x);
    const Tensor loss = squares(x, 50);
    const std::uint64_t before = backend->plugin_allocations();
    BOOST_TEST(approximately(tape.gradient(loss, {x})[0], {1000}, std::vector<double>(1000, 50)));
    BOOST_TEST(backend->plugin_allocations() - before < 5U);
}

BOOST_AUTO_TEST_CASE(sum_of_gradients_is_recorded_by_an_outer_tape) {
    const Tensor x = tensor({2}, {3, -1});
    Tape outer;
    outer.watch(x);
    Tape tape;
    tape.watch(x);
    const Tensor gradient = tape.gradient(squares(x, 50), {x})[0];
    BOOST_TEST(approximately(gradient, {2}, {300, -100}));
    BOOST_TEST(approximately(outer.gradient(sum(gradient), {x})[0], {2}, {100, 100}));
}

BOOST_AUTO_TEST_CASE(gradient_that_two_values_share_is_not_overwritten) {
    // Both x and y get the one gradient of x + y before more arrives.
    const Tensor x = tensor({2}, {1, 2}), y = tensor({2}, {3, 4});
    Tape tape;
    tape.watch(x);
    tape.watch(y);
    const Tensor loss = sum(x * 2.0 + y * 3.0 + (x + y));
    const std::vector<Tensor> gradients = tape.gradient(loss, {x, y});
    BOOST_TEST(approximately(gradients[0], {2}, {3, 3}));
    BOOST_TEST(approximately(gradients[1], {2}, {4, 4}));
}

BOOST_AUTO_TEST_CASE(cotangents_of_the_caller_stay_as_they_are) {
    const Tensor x = tensor({2}, {1, 2}), cotangent = tensor({2}, {5, 7});
    Tape tape;
    tape.watch(x);
    const Tensor y = x + 1.0;
    const std::vector<Tensor> outputs = {y, y, x}, cotangents(3, cotangent), wanted = {x};
    BOOST_TEST(approximately(tape.pull_back(outputs, cotangents, wanted)[0], {2}, {15, 21}));
    BOOST_TEST(approximately(cotangent, {2}, {5, 7}));
}

BOOST_AUTO_TEST_CASE(gradient_that_the_caller_holds_is_not_overwritten_by_the_next_backward) {
    const Tensor weight = parameter(tensor({2}, {1, 2}));
    const auto backward = [&](double factor) {
        Tape tape;
        tape.backward(sum(weight * factor));
    };
    backward(3);
    const Tensor held = weight.grad();
    backward(4);
    BOOST_TEST(approximately(held, {2}, {3, 3}));
    BOOST_TEST(approximately(weight.grad(), {2}, {7, 7}));
    const Tensor alias = weight.grad().detach();
    backward(5);
    BOOST_TEST(approximately(alias, {2}, {7, 7}));
    BOOST_TEST(approximately(weight.grad(), {2}, {12, 12}));
}

BOOST_AUTO_TEST_CASE(backward_adds_to_a_gradient_that_nobody_holds_where_it_is) {
    const Tensor weight = parameter(tensor({2}, {1, 2}));
    const auto backward = [&] {
        Tape tape;
        tape.backward(sum(weight * weight));
    };
    backward();
    const void* const place = weight.grad().array().data;
    backward();
    BOOST_TEST(weight.grad().array().data == place);
    BOOST_TEST(approximately(weight.grad(), {2}, {4, 8}));
}

BOOST_AUTO_TEST_SUITE_END()
