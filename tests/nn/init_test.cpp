#include "nn/init.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "tests/nn/nn_fixture.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

struct Moments {
    double mean = 0, variance = 0, largest = 0;
};

Moments moments(const Tensor& x) {
    const std::vector<double> values = x.values<double>();
    const auto count = static_cast<double>(values.size());
    Moments m;
    for (const double value : values) m.mean += value / count;
    for (const double value : values) m.variance += (value - m.mean) * (value - m.mean) / count;
    for (const double value : values) m.largest = std::max(m.largest, std::abs(value));
    return m;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(nn_init)

// 100,000 draws: means within 5 standard errors of 0, variances within 2 %.
BOOST_AUTO_TEST_CASE(glorot_uniform_has_the_limit_and_variance_of_equation_16) {
    LayerSource source;
    const Moments m = moments(glorot_uniform({1000, 100}, {20, 30}, source.inputs(1)));
    const double limit = std::sqrt(6.0 / 50);
    BOOST_TEST(m.largest <= limit);
    BOOST_TEST(m.largest > 0.999 * limit);
    BOOST_TEST(std::abs(m.mean) < 5 * std::sqrt(0.04 / 1e5));
    BOOST_TEST(m.variance == 2.0 / 50, boost::test_tools::tolerance(0.02));
}

BOOST_AUTO_TEST_CASE(glorot_normal_has_the_variance_of_equation_12) {
    LayerSource source;
    const Moments m = moments(glorot_normal({1000, 100}, {20, 30}, source.inputs(1)));
    BOOST_TEST(std::abs(m.mean) < 5 * std::sqrt(0.04 / 1e5));
    BOOST_TEST(m.variance == 2.0 / 50, boost::test_tools::tolerance(0.02));
    BOOST_TEST(m.largest > 3.5 * 0.2,
               "no draw beyond 3.5 standard deviations among 100,000: not a normal distribution");
}

BOOST_AUTO_TEST_CASE(equal_seeds_give_equal_weights) {
    LayerSource first(1), same(1), other(2);
    const auto draw = [](LayerSource& source) {
        return glorot_uniform({5}, {1, 1}, source.inputs(1)).values<double>();
    };
    const std::vector<double> weights = draw(first);
    BOOST_CHECK(weights == draw(same));
    BOOST_CHECK(weights != draw(other));
    BOOST_CHECK(weights != draw(first));
}

BOOST_AUTO_TEST_CASE(weights_have_the_shape_and_dtype_asked_for) {
    HostRandom random(1);
    const LayerInputs inputs{3, reference_backend(), random, DType::f32};
    for (const Tensor& weights :
         {glorot_uniform({3, 2}, {3, 2}, inputs), glorot_normal({3, 2}, {3, 2}, inputs), zeros({3, 2}, inputs)}) {
        BOOST_TEST((weights.shape() == Shape{3, 2}));
        BOOST_CHECK(weights.dtype() == DType::f32);
    }
    check_close(zeros({2}, inputs), {0, 0}, 0, "zeros");
}

BOOST_AUTO_TEST_SUITE_END()
