#include "autograd/ops/functions.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

#include "autograd/errors.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/autograd/ops/indices.hpp"
#include "tests/datasets/expect_error.hpp"

namespace tapegrad::testing {
namespace {

struct Unary {
    const char* name;
    Tensor (*op)(const Tensor&);
    double (*formula)(double);
};

const Unary unaries[] = {
    {"exp", exp, std::exp},    {"expm1", expm1, std::expm1}, {"log", log, std::log}, {"log1p", log1p, std::log1p},
    {"sqrt", sqrt, std::sqrt}, {"tanh", tanh, std::tanh},    {"erf", erf, std::erf},
};

BOOST_AUTO_TEST_SUITE(autograd_ops_functions)

BOOST_AUTO_TEST_CASE(every_function_agrees_with_the_standard_library) {
    for (const Unary& unary : unaries)
        for (const DType dtype : float_types)
            for (const Shape& shape : {Shape{}, Shape{0}, Shape{1}, Shape{2, 3, 1, 2, 1, 2}, Shape{211}}) {
                BOOST_TEST_CONTEXT(unary.name << " of " << to_string(shape)) {
                    // Both signs: log and sqrt give NaN below 0.
                    const std::vector<double> x = numbers(shape);
                    std::vector<double> wanted;
                    for (const double element : x) wanted.push_back(unary.formula(element));
                    const Tensor got = unary.op(tensor(shape, x, dtype));
                    BOOST_TEST(approximately(got, shape, wanted));
                    BOOST_TEST((got.dtype() == dtype));
                }
            }
}

BOOST_AUTO_TEST_CASE(limits_are_those_of_ieee_754) {
    for (const DType dtype : float_types) {
        const Tensor x = tensor({6}, {-infinity, -1e30, 0, 1e30, infinity, nan}, dtype);
        BOOST_TEST(approximately(exp(x), {6}, {0, 0, 1, infinity, infinity, nan}));
        BOOST_TEST(approximately(expm1(x), {6}, {-1, -1, 0, infinity, infinity, nan}));
        BOOST_TEST(approximately(log(x), {6}, {nan, nan, -infinity, std::log(1e30), infinity, nan}));
        BOOST_TEST(approximately(log1p(x), {6}, {nan, nan, 0, std::log(1e30), infinity, nan}));
        BOOST_TEST(approximately(sqrt(x), {6}, {nan, nan, 0, 1e15, infinity, nan}));
        BOOST_TEST(approximately(tanh(x), {6}, {-1, -1, 0, 1, 1, nan}));
        BOOST_TEST(approximately(erf(x), {6}, {-1, -1, 0, 1, 1, nan}));
    }
}

BOOST_AUTO_TEST_CASE(expm1_and_log1p_keep_their_digits_near_zero) {
    // exp(x) - 1 and log(1 + x) themselves would give 0 here.
    const Tensor tiny = tensor({}, {1e-20});
    BOOST_TEST(expm1(tiny).item() == 1e-20);
    BOOST_TEST(log1p(tiny).item() == 1e-20);
}

BOOST_AUTO_TEST_CASE(integers_are_refused_by_name) {
    for (const Unary& unary : unaries)
        expect_error<TypeError>([&] { unary.op(tensor({1}, {1}, DType::i32)); },
                                {std::string(unary.name) + ":", "i32"});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
