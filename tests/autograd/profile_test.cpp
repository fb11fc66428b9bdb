#include "autograd/profile.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <string>
#include <vector>

#include "autograd/errors.hpp"
#include "autograd/ops.hpp"
#include "tests/autograd/approximately.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

// The rows by op of what `work` runs on the reference backend.
template <typename Work>
std::map<std::string, OpProfile::Row> profile_of(const Work& work) {
    OpProfile profile;
    {
        const AttachedProfile attached(reference(), &profile);
        work();
    }
    std::map<std::string, OpProfile::Row> rows;
    for (const OpProfile::Row& row : profile.rows()) rows[row.op] = row;
    return rows;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(autograd_profile)

BOOST_AUTO_TEST_CASE(calls_are_counted_with_the_bytes_of_their_inputs_and_outputs) {
    const Tensor x = tensor({2, 3}, std::vector<double>(6, 0.5)), row = tensor({3}, {1, 2, 3}, DType::f64);
    auto rows = profile_of([&] {
        exp(x);
        x + row;
        exp(row);
        sum(x);
        reshape(x, {3, 2});
    });
    BOOST_TEST(rows.size() == 4U);
    BOOST_TEST(rows["reshape"].native == 1U);
    BOOST_TEST(rows["reshape"].bytes_read + rows["reshape"].bytes_written == 0U, "it shares the memory");
    BOOST_TEST(rows["exp"].native == 2U);
    BOOST_TEST(rows["exp"].composed == 0U);
    BOOST_TEST(rows["exp"].bytes_read == 48U + 24U);
    BOOST_TEST(rows["exp"].bytes_written == 48U + 24U);
    BOOST_TEST(rows["add"].bytes_read == 48U + 24U);
    BOOST_TEST(rows["add"].bytes_written == 48U);
    BOOST_TEST(rows["sum"].native == 1U);
    BOOST_TEST(rows["sum"].bytes_written == 8U);
}

BOOST_AUTO_TEST_CASE(time_of_a_composed_op_is_its_own_and_that_of_the_ops_inside) {
    const Tensor x = tensor({1000}, std::vector<double>(1000, 0.5));
    auto rows = profile_of([&] { sigmoid(x); });  // 1 / (1 + e^-x)
    BOOST_TEST(rows["sigmoid"].composed == 1U);
    BOOST_TEST(rows["sigmoid"].native == 0U);
    BOOST_TEST(rows["exp"].native == 1U);
    double self = 0;
    for (const auto& [op, row] : rows) {
        BOOST_TEST(row.seconds > 0, op);
        BOOST_TEST(row.self_seconds >= 0, op);
        BOOST_TEST(row.self_seconds <= row.seconds, op);
        self += row.self_seconds;
    }
    BOOST_TEST(rows["exp"].self_seconds == rows["exp"].seconds);
    BOOST_TEST(rows["sigmoid"].self_seconds < rows["sigmoid"].seconds);
    BOOST_TEST(self == rows["sigmoid"].seconds, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(backward_and_optimizer_steps_are_ops_too) {
    const Tensor weight = parameter(tensor({2}, {1, 2}));
    auto rows = profile_of([&] {
        {
            Tape tape;
            tape.backward(sum(weight * weight));
        }
        sgd_step(std::vector{SgdTensors{weight, zeros_like(weight), weight.grad()}}, tensor({}, {0.1}), 0, 0);
    });
    BOOST_TEST(rows["add"].native >= 1U, "the second gradient of weight is added to the first");
    BOOST_TEST(rows["mul"].native >= 3U);
    BOOST_TEST(rows["sgd_step"].composed == 1U);
    BOOST_TEST(rows["sgd_step"].bytes_written == 32U);
}

BOOST_AUTO_TEST_CASE(rows_are_sorted_by_their_own_time_and_cleared_on_demand) {
    OpProfile profile;
    const Tensor small = tensor({}, {1}), large = tensor({100'000}, std::vector<double>(100'000, 0.5));
    {
        const AttachedProfile attached(reference(), &profile);
        small + small;
        tanh(large);
    }
    exp(small);
    BOOST_TEST_REQUIRE(profile.rows().size() == 2U, "exp ran after the profile was taken off");
    BOOST_TEST(profile.rows()[0].op == "tanh");
    profile.clear();
    BOOST_TEST(profile.rows().empty());
}

BOOST_AUTO_TEST_CASE(call_that_throws_is_not_counted_and_disturbs_nothing) {
    auto rows = profile_of([] {
        BOOST_CHECK_THROW(tensor({2}, {1, 2}) + tensor({3}, {1, 2, 3}), ShapeError);
        exp(tensor({}, {1}));
    });
    BOOST_TEST(rows.size() == 1U);
    BOOST_TEST(rows["exp"].native == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
