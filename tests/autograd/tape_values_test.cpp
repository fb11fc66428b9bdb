// Values that a tape keeps for people to look at.
#include <boost/test/unit_test.hpp>

#include "autograd/ops.hpp"
#include "tests/autograd/approximately.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

BOOST_AUTO_TEST_SUITE(autograd_tape_values)

BOOST_AUTO_TEST_CASE(every_input_and_output_of_a_node_is_kept_in_order) {
    const Tensor x = tensor({2}, {1, 2}), constant = tensor({2}, {3, 5});
    Tape tape({.keep_values = true});
    tape.watch(x);
    const Tensor y = sum(x * constant + x);
    BOOST_TEST_REQUIRE(tape.nodes().size() == 3U);
    BOOST_TEST_REQUIRE(tape.values().size() == 3U);
    const Tensors &product = tape.values()[0], &addition = tape.values()[1], &all = tape.values()[2];
    BOOST_TEST_REQUIRE(product.size() == 3U);
    BOOST_TEST(product[0].same(x));
    BOOST_TEST(product[1].same(constant), "not tracked, and still a value that the op took");
    BOOST_TEST(approximately(product[2], {2}, {3, 10}));
    BOOST_TEST_REQUIRE(addition.size() == 3U);
    BOOST_TEST(addition[0].same(product[2]));
    BOOST_TEST(approximately(addition[2], {2}, {4, 12}));
    BOOST_TEST_REQUIRE(all.size() == 2U);
    BOOST_TEST(all[1].same(y));
}

BOOST_AUTO_TEST_CASE(kept_values_can_be_asked_for_their_gradients_and_outlive_backward) {
    const Tensor x = tensor({2}, {1, 2});
    Tape tape({.keep_values = true});
    tape.watch(x);
    const Tensor y = sum(x * x * x);
    // d/du sum(u x) for u = x * x is x.
    const Tensor square = tape.values()[0][2];
    const std::vector<Tensor> gradients = tape.gradient(y, {square, x});
    BOOST_TEST(approximately(gradients[0], {2}, {1, 2}));
    BOOST_TEST(approximately(gradients[1], {2}, {3, 12}));
    BOOST_TEST(approximately(tape.values()[0][2], {2}, {1, 4}));
}

BOOST_AUTO_TEST_CASE(an_overwritten_value_that_no_gradient_needs_does_not_stop_backward) {
    const Tensor x = tensor({2}, {1, 2}), w = parameter(tensor({2}, {3, 4}));
    Tape tape({.keep_values = true});
    tape.watch(x);
    const Tensor y = sum(x + w);
    assign(w, tensor({2}, {7, 8}));
    BOOST_TEST(approximately(tape.gradient(y, {x})[0], {2}, {1, 1}));
    BOOST_TEST(approximately(tape.values()[0][1], {2}, {7, 8}), "as it is now");
}

BOOST_AUTO_TEST_CASE(nothing_is_kept_unless_asked_for) {
    const Tensor x = tensor({2}, {1, 2});
    Tape tape;
    tape.watch(x);
    exp(x);
    BOOST_TEST(tape.nodes().size() == 1U);
    BOOST_TEST(tape.values().empty());
}

BOOST_AUTO_TEST_SUITE_END()
