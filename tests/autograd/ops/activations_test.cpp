#include "autograd/ops/activations.hpp"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <string>

#include "autograd/errors.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/autograd/ops/indices.hpp"
#include "tests/datasets/expect_error.hpp"

namespace tapegrad::testing {
namespace {

struct Activation {
    const char* name;
    std::function<Tensor(const Tensor&)> op;
    std::function<double(double)> formula;
};

const Activation activations[] = {
    {"sigmoid", sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }},
    {"relu", relu, [](double x) { return x > 0 ? x : 0; }},
    {"leaky_relu", [](const Tensor& x) { return leaky_relu(x); }, [](double x) { return x > 0 ? x : 0.01 * x; }},
    {"leaky_relu", [](const Tensor& x) { return leaky_relu(x, 0.2); }, [](double x) { return x > 0 ? x : 0.2 * x; }},
    {"elu", [](const Tensor& x) { return elu(x); }, [](double x) { return x > 0 ? x : std::exp(x) - 1; }},
    {"elu", [](const Tensor& x) { return elu(x, 0.5); }, [](double x) { return x > 0 ? x : (std::exp(x) - 1) / 2; }},
};

BOOST_AUTO_TEST_SUITE(autograd_ops_activations)

BOOST_AUTO_TEST_CASE(every_activation_agrees_with_its_formula) {
    for (const Activation& activation : activations)
        for (const DType dtype : float_types)
            for (const Shape& shape : {Shape{}, Shape{0}, Shape{1}, Shape{7, 31}}) {
                BOOST_TEST_CONTEXT(activation.name << " of " << to_string(shape)) {
                    const std::vector<double> x = numbers(shape);
                    std::vector<double> wanted;
                    for (const double element : x) wanted.push_back(activation.formula(element));
                    BOOST_TEST(approximately(activation.op(tensor(shape, x, dtype)), shape, wanted));
                }
            }
}

BOOST_AUTO_TEST_CASE(large_inputs_saturate_and_nan_stays) {
    for (const DType dtype : float_types) {
        const Tensor x = tensor({5}, {-infinity, -1e30, 1e30, infinity, nan}, dtype);
        const std::vector<double> ends = {-infinity, -2e29, 1e30, infinity, nan};
        BOOST_TEST(approximately(sigmoid(x), {5}, {0, 0, 1, 1, nan}));
        BOOST_TEST(approximately(relu(x), {5}, {0, 0, 1e30, infinity, nan}));
        BOOST_TEST(approximately(leaky_relu(x, 0.2), {5}, ends));
        BOOST_TEST(approximately(elu(x, 1.5), {5}, {-1.5, -1.5, 1e30, infinity, nan}));

        const Tensor far = tensor({2}, {-1e30, 1e30}, dtype);
        BOOST_TEST(approximately(gradient_of_sum(sigmoid, far), {2}, {0, 0}));
        BOOST_TEST(approximately(gradient_of_sum(relu, far), {2}, {0, 1}));
        BOOST_TEST(
            approximately(gradient_of_sum([](const Tensor& y) { return leaky_relu(y, 0.2); }, far), {2}, {0.2, 1}));
        BOOST_TEST(approximately(gradient_of_sum([](const Tensor& y) { return elu(y); }, far), {2}, {0, 1}));
    }
}

BOOST_AUTO_TEST_CASE(small_probabilities_keep_their_digits) {
    // 1 / (1 + e^20) and 1 / (1 + e^80).
    BOOST_TEST(std::abs(sigmoid(tensor({}, {-20}, DType::f32)).item() / 2.0611536181902037e-9 - 1) < 1e-6);
    BOOST_TEST(std::abs(sigmoid(tensor({}, {-80})).item() / 1.8048513878454153e-35 - 1) < 1e-12);
}

BOOST_AUTO_TEST_CASE(at_zero_the_gradient_is_that_of_the_left) {
    const Tensor zero = tensor({}, {0});
    BOOST_TEST(gradient_of_sum(relu, zero).item() == 0.0);
    BOOST_TEST(gradient_of_sum([](const Tensor& y) { return leaky_relu(y, 0.2); }, zero).item() == 0.2);
    BOOST_TEST(gradient_of_sum([](const Tensor& y) { return elu(y, 0.5); }, zero).item() == 0.5);
}

BOOST_AUTO_TEST_CASE(elu_without_a_sign_of_its_input_in_its_output_is_refused) {
    expect_error<ShapeError>([] { elu(tensor({1}, {1}), -0.5); }, {"elu", "alpha >= 0", "-0.5"});
    expect_error<ShapeError>([] { elu(tensor({1}, {1}), nan); }, {"elu", "alpha >= 0"});
    BOOST_TEST(
        approximately(gradient_of_sum([](const Tensor& y) { return elu(y, 0); }, tensor({2}, {-1, 2})), {2}, {0, 1}));
}

BOOST_AUTO_TEST_CASE(integers_are_refused_by_name) {
    for (const Activation& activation : activations)
        expect_error<TypeError>([&] { activation.op(tensor({1}, {1}, DType::i32)); },
                                {std::string(activation.name) + ":", "i32"});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
