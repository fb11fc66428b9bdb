#include "autograd/ops/softmax.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <string>

#include "autograd/errors.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/autograd/ops/indices.hpp"
#include "tests/datasets/expect_error.hpp"

namespace tapegrad::testing {
namespace {

struct Named {
    const char* name;
    Tensor (*op)(const Tensor&, std::int64_t);
};
constexpr Named family[] = {{"softmax:", softmax}, {"log_softmax:", log_softmax}, {"logsumexp:", logsumexp}};

BOOST_AUTO_TEST_SUITE(autograd_ops_softmax)

BOOST_AUTO_TEST_CASE(last_axis_is_the_one_that_nothing_is_said_of) {
    const double ln_3 = std::log(3), ln_4 = std::log(4);
    const Tensor x = tensor({2, 1, 2}, {0, ln_3, ln_3, 0});
    BOOST_TEST(approximately(softmax(x), {2, 1, 2}, {0.25, 0.75, 0.75, 0.25}));
    BOOST_TEST(approximately(log_softmax(x), {2, 1, 2}, {-ln_4, ln_3 - ln_4, ln_3 - ln_4, -ln_4}));
    BOOST_TEST(approximately(logsumexp(x), {2, 1}, {ln_4, ln_4}));
}

BOOST_AUTO_TEST_CASE(along_every_axis_they_are_what_loops_give) {
    for (const DType dtype : float_types)
        for (const Shape& shape :
             {Shape{1}, Shape{7}, Shape{3, 5}, Shape{2, 3, 4}, Shape{2, 2, 1, 3, 2, 2}, Shape{0, 3}})
            for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
                if (shape[axis] == 0) continue;
                Shape kept = shape, dropped = shape;
                kept[axis] = 1;
                dropped.erase(axis);
                const std::vector<double> x = numbers(shape);
                std::vector<double> logsums(static_cast<std::size_t>(element_count(kept)));
                for (const Index& index : indices(shape))
                    logsums[position(kept, index)] += std::exp(x[position(shape, index)]);
                for (double& total : logsums) total = std::log(total);
                std::vector<double> shares, logs;
                for (const Index& index : indices(shape)) {
                    logs.push_back(x[position(shape, index)] - logsums[position(kept, index)]);
                    shares.push_back(std::exp(logs.back()));
                }
                const Tensor data = tensor(shape, x, dtype);
                const auto from_front = static_cast<std::int64_t>(axis);
                for (const std::int64_t either : {from_front, from_front - static_cast<std::int64_t>(shape.rank())})
                    BOOST_TEST_CONTEXT(to_string(dtype) << to_string(shape) << " along " << either) {
                        BOOST_TEST(approximately(softmax(data, either), shape, shares));
                        BOOST_TEST(approximately(log_softmax(data, either), shape, logs));
                        BOOST_TEST(approximately(logsumexp(data, either), dropped, logsums));
                    }
            }
}

BOOST_AUTO_TEST_CASE(huge_scores_neither_overflow_nor_make_nan) {
    const Tensor x = tensor({3, 3}, {1e30, 1e30, -1e30, -1e30, -1e30, -1e30, 1e30, 0, -infinity}, DType::f32);
    const double half = std::log(2), third = std::log(3);
    BOOST_TEST(approximately(softmax(x), {3, 3}, {0.5, 0.5, 0, 1.0 / 3, 1.0 / 3, 1.0 / 3, 1, 0, 0}));
    BOOST_TEST(
        approximately(log_softmax(x), {3, 3}, {-half, -half, -2e30, -third, -third, -third, 0, -1e30, -infinity}));
    BOOST_TEST(approximately(logsumexp(x), {3}, {1e30, -1e30, 1e30}));
    const Tensor weights = tensor({3, 3}, {1, 2, 3, 1, 2, 3, 1, 2, 3}, DType::f32);
    BOOST_TEST(approximately(gradient_of_sum([&](const Tensor& y) { return softmax(y) * weights; }, x), {3, 3},
                             {-0.25, 0.25, 0, -1.0 / 3, 0, 1.0 / 3, 0, 0, 0}));
    // w - softmax * 6, and nothing but softmax.
    BOOST_TEST(approximately(gradient_of_sum([&](const Tensor& y) { return log_softmax(y) * weights; }, x), {3, 3},
                             {-2, -1, 3, -1, 0, 1, -5, 2, 3}));
    BOOST_TEST(approximately(gradient_of_sum([](const Tensor& y) { return logsumexp(y); }, x), {3, 3},
                             {0.5, 0.5, 0, 1.0 / 3, 1.0 / 3, 1.0 / 3, 1, 0, 0}));
    BOOST_TEST(approximately(logsumexp(tensor({2}, {1e300, -1e300})), {}, {1e300}));
}

BOOST_AUTO_TEST_CASE(denormal_scores_count_as_zeros_beside_1_and_shares_may_be_denormal) {
    for (const DType dtype : float_types) {
        const bool single = dtype == DType::f32;
        const double smallest =
            single ? std::numeric_limits<float>::denorm_min() : std::numeric_limits<double>::denorm_min();
        const Tensor x = tensor({2, 2}, {smallest, -smallest, smallest, 0}, dtype);
        BOOST_TEST(approximately(softmax(x), {2, 2}, {0.5, 0.5, 0.5, 0.5}));
        BOOST_TEST(approximately(logsumexp(x), {2}, {std::log(2), std::log(2)}));
        // e^-100 in f32 and e^-740 in f64 are denormal: a share is that or 0, its logarithm is exact.
        const double low = single ? -100 : -740, share = std::exp(low);
        const Tensor far = tensor({2}, {0, low}, dtype);
        const double got = softmax(far).values<double>()[1];
        BOOST_TEST((got == 0 || std::abs(got - share) <= 2 * smallest), to_string(dtype) << ": " << got);
        BOOST_TEST(approximately(log_softmax(far), {2}, {0, low}));
        BOOST_TEST(approximately(gradient_of_sum([](const Tensor& y) { return log_softmax(y); }, far), {2},
                                 {-1, 1}));  // 1 - 2 softmax
    }
}

BOOST_AUTO_TEST_CASE(rows_of_infinities_and_nan_stay_apart) {
    for (const DType dtype : float_types) {
        const Tensor x = tensor({4, 2}, {-infinity, -infinity, infinity, 1, nan, 1, 0, 0}, dtype);
        BOOST_TEST(approximately(logsumexp(x), {4}, {-infinity, infinity, nan, std::log(2)}));
        const std::vector<double> shares = softmax(x).values<double>(), logs = log_softmax(x).values<double>();
        for (std::size_t i : {0, 1, 4, 5}) BOOST_TEST((std::isnan(shares[i]) && std::isnan(logs[i])));
        BOOST_TEST(shares[6] == 0.5);
        BOOST_TEST(std::abs(logs[7] + std::log(2)) < 1e-6);
    }
}

BOOST_AUTO_TEST_CASE(axes_out_of_range_empty_axes_and_integers_are_refused) {
    for (const Named& named : family) {
        const Tensor x = tensor({2, 3}, numbers({2, 3}));
        expect_error<ShapeError>([&] { named.op(x, 2); }, {named.name, "-2 to 1", "2"});
        expect_error<ShapeError>([&] { named.op(x, -3); }, {named.name, "-3"});
        expect_error<ShapeError>([&] { named.op(tensor({}, {1}), -1); }, {named.name});
        expect_error<ShapeError>([&] { named.op(tensor({2, 0}, {}), 1); }, {named.name, "[2, 0]"});
        expect_error<TypeError>([&] { named.op(tensor({1}, {1}, DType::i32), 0); }, {named.name, "i32"});
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
