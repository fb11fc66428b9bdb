// Calls that are wrong in a way that the type system cannot see: each is an error with a message, none a crash.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "autograd/errors.hpp"
#include "autograd/ops.hpp"
#include "autograd/sparse.hpp"
#include "autograd/tape.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/datasets/expect_error.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

constexpr std::int64_t huge = std::int64_t{1} << 61;

Tensor three() { return tensor({3}, {1, 2, 3}); }
RandomSite site() { return {random_key(reference(), 1, 2), 3}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(autograd_misuse)

BOOST_AUTO_TEST_CASE(wrong_number_of_inputs_names_those_that_the_op_has) {
    expect_error<TypeError>([] { apply(find_op("add"), {}); }, {"add", "a, b", "0 inputs"});
    const Tensor x = three();
    expect_error<TypeError>([&] { apply(find_op("add"), std::span(&x, 1)); }, {"add", "a, b", "1 inputs"});
    expect_error<TypeError>([] { cat({}, 0); }, {"cat", "parts...", "0 inputs"});
}

BOOST_AUTO_TEST_CASE(attributes_in_another_order_or_of_another_type_are_refused) {
    const Tensor key = site().key;
    const std::int64_t count = 64, threshold = 9, call_site = 1'000'000'000;
    expect_error<TypeError>(
        [&] {
            apply_one(find_op("random_mask"), {key},
                      {{"count", count}, {"threshold", threshold}, {"call_site", call_site}});
        },
        {"random_mask", "call_site (integer), threshold (integer), count (integer)", "count (integer), threshold"});
    expect_error<TypeError>(
        [] {
            apply_one(find_op("elu"), {three()}, {{"alpha", std::int64_t{1}}});
        },
        {"elu", "alpha (real)", "alpha (integer)"});
    expect_error<TypeError>([] { apply_one(find_op("elu"), {three()}); }, {"elu", "alpha (real)", "none"});
}

BOOST_AUTO_TEST_CASE(update_ops_and_others_are_not_called_as_each_other) {
    const Tensor x = three();
    const Tensors update = {x, x, x, tensor({}, {1})};
    expect_error<TypeError>(
        [&] {
            apply(find_op("sgd_step"), update, {{"momentum", 0.0}, {"weight_decay", 0.0}});
        },
        {"sgd_step", "apply_update"});
    const Tensors pair = {x, x};
    expect_error<TypeError>([&] { apply_update(find_op("add"), pair); }, {"add", "overwrites"});
}

BOOST_AUTO_TEST_CASE(sizes_that_do_not_fit_are_refused) {
    expect_error<ShapeError>([] { full(reference(), {huge}, 0); }, {"[2305843009213693952]"});
    expect_error<ShapeError>([] { full(reference(), {0, huge, huge}, 0); }, {"elements"});
    expect_error<ShapeError>([] { reshape(three(), {huge, huge, -1}); }, {"elements"});
    expect_error<ShapeError>([] { random_mask(site(), -5, 100); }, {"random_mask", "-5"});
    // (3 - 1) * step wraps around to a small number.
    expect_error<ShapeError>([] { embed(three(), {10}, {0}, {0x5555555555555556}); }, {"embed"});
    BOOST_TEST(
        slice(three(), {1}, {3}, {std::numeric_limits<std::int64_t>::max()}).values<double>() == std::vector<double>{2},
        boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(dtype_that_does_not_exist_is_refused) {
    expect_error<TypeError>([] { cast(three(), static_cast<DType>(7)); }, {"cast", "7"});
}

BOOST_AUTO_TEST_CASE(tensor_without_a_backend_is_refused) {
    expect_error<BackendError>([] { full(nullptr, {2}, 1); }, {"open_backend"});
}

BOOST_AUTO_TEST_CASE(axis_that_stands_twice_is_refused) {
    expect_error<ShapeError>([] { sum(tensor({2, 2}, {1, 2, 3, 4}), {0, -2}); }, {"sum", "once", "[0, -2]"});
}

BOOST_AUTO_TEST_CASE(softmax_along_an_empty_axis_is_named) {
    expect_error<ShapeError>([] { softmax(tensor({2, 0}, {})); }, {"softmax", "[2, 0]"});
}

BOOST_AUTO_TEST_CASE(sparse_values_of_another_length_are_refused) {
    const std::int32_t offsets[] = {0, 1, 2}, columns[] = {0, 1};
    const float values[] = {1, 2};
    const SparseMatrix a = make_sparse(reference(), offsets, columns, values, 2);
    expect_error<ShapeError>(
        [&] {
            to_dense(a.with_values(tensor({5}, {1, 2, 3, 4, 5})));
        },
        {"to_dense", "[2]", "[5]"});
}

BOOST_AUTO_TEST_CASE(grouping_with_more_groups_than_an_index_counts_is_refused) {
    expect_error<IndexError>([] { make_grouping(reference(), {}, huge); }, {"make_grouping"});
    expect_error<IndexError>([] { make_grouping(reference(), {}, -1); }, {"make_grouping", "-1"});
}

BOOST_AUTO_TEST_CASE(label_that_is_no_class_makes_the_loss_and_its_gradient_nan) {
    const Tensor logits = tensor({2, 3}, {1, 2, 3, 4, 5, 6});
    for (const std::int32_t bad : {-1, 3}) {
        const std::int32_t labels[] = {0, bad};
        Tape tape;
        tape.watch(logits);
        const Tensor loss = cross_entropy(logits, from_values(reference(), {2}, std::span<const std::int32_t>(labels)));
        BOOST_TEST(std::isnan(loss.item()), "label " << bad);
        const std::vector<double> gradient = tape.gradient(loss, {logits})[0].values<double>();
        BOOST_TEST(std::isfinite(gradient[0]));
        BOOST_TEST(std::isnan(gradient[3]), "label " << bad);
    }
}

BOOST_AUTO_TEST_CASE(a_value_overwritten_after_it_was_recorded_is_not_differentiated) {
    const Tensor x = three();
    Tape tape;
    tape.watch(x);
    const Tensor y = x * 2.0;
    assign(y, tensor({3}, {7, 8, 9}));
    expect_error<TapeError>([&] { sum(y * 3.0); }, {"overwritten"});
}

BOOST_AUTO_TEST_CASE(the_sum_of_a_scalar_is_a_tensor_of_its_own) {
    const Tensor x = tensor({}, {2});
    const Tensor total = sum(x), largest = max(x);
    assign(x, tensor({}, {7}));
    BOOST_TEST(total.item() == 2);
    BOOST_TEST(largest.item() == 2);
}

BOOST_AUTO_TEST_CASE(backward_without_any_parameter_says_to_call_gradient) {
    const Tensor x = three();
    Tape tape;
    tape.watch(x);
    const Tensor loss = sum(x * x);
    expect_error<TapeError>([&] { tape.backward(loss); }, {"backward", "parameter", "gradient(loss"});
}

BOOST_AUTO_TEST_CASE(kernel_that_is_null_is_not_registered) {
    expect_error<BackendError>([] { register_kernel("reference", "add", DType::f32, nullptr); },
                               {"register_kernel", "add"});
}

BOOST_AUTO_TEST_SUITE_END()
