#include "autograd/ops/arithmetic.hpp"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <string>

#include "autograd/errors.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/autograd/ops/indices.hpp"
#include "tests/datasets/expect_error.hpp"

namespace tapegrad::testing {
namespace {

struct Binary {
    const char* name;
    Tensor (*op)(const Tensor&, const Tensor&);
    std::function<double(double, double)> formula;
};

const Binary binaries[] = {
    {"add", add, [](double a, double b) { return a + b; }},
    {"sub", sub, [](double a, double b) { return a - b; }},
    {"mul", mul, [](double a, double b) { return a * b; }},
    {"div", div, [](double a, double b) { return a / b; }},
    {"pow", pow, [](double a, double b) { return std::pow(a, b); }},
    {"maximum", maximum, [](double a, double b) { return std::max(a, b); }},
    {"greater", greater, [](double a, double b) { return a > b ? 1 : 0; }},
    {"equal", equal, [](double a, double b) { return a == b ? 1 : 0; }},
};

struct Broadcast {
    Shape a, b, result;
};

const Broadcast broadcasts[] = {
    {{}, {}, {}},
    {{7}, {7}, {7}},
    {{2, 3}, {}, {2, 3}},
    {{1}, {2, 3}, {2, 3}},
    {{3}, {2, 3}, {2, 3}},
    {{4, 1}, {3}, {4, 3}},
    {{2, 1, 3}, {4, 1}, {2, 4, 3}},
    {{0, 3}, {3}, {0, 3}},
    {{0}, {1}, {0}},
    {{2, 1, 0}, {5, 1}, {2, 5, 0}},
    {{2, 1, 2, 1, 2, 1}, {3, 1, 2, 1, 3}, {2, 3, 2, 2, 2, 3}},
};

BOOST_AUTO_TEST_SUITE(autograd_ops_arithmetic)

BOOST_AUTO_TEST_CASE(elements_meet_by_the_rules_of_broadcasting) {
    for (const Binary& binary : binaries)
        for (const Broadcast& shapes : broadcasts)
            for (const DType dtype : float_types) {
                BOOST_TEST_CONTEXT(binary.name << " of " << to_string(shapes.a) << " and " << to_string(shapes.b)) {
                    // Both begin with the same numbers: `equal` and `maximum` see ties.
                    const std::vector<double> a = numbers(shapes.a), b = numbers(shapes.b);
                    std::vector<double> wanted;
                    for (const Index& index : indices(shapes.result))
                        wanted.push_back(binary.formula(a[position(shapes.a, index)], b[position(shapes.b, index)]));
                    const Tensor got = binary.op(tensor(shapes.a, a, dtype), tensor(shapes.b, b, dtype));
                    BOOST_TEST(approximately(got, shapes.result, wanted));
                    BOOST_TEST((got.dtype() == dtype));
                }
            }
}

BOOST_AUTO_TEST_CASE(shapes_that_do_not_broadcast_are_named_with_the_op) {
    struct Pair {
        Shape a, b;
    };
    const Pair bad[] = {{{2, 3}, {4}}, {{2, 3}, {2}}, {{2}, {0}}, {{5, 1, 3}, {4, 5, 2}}};
    for (const Binary& binary : binaries)
        for (const Pair& pair : bad)
            expect_error<ShapeError>(
                [&] { binary.op(tensor(pair.a, numbers(pair.a)), tensor(pair.b, numbers(pair.b))); },
                {std::string(binary.name) + ":", to_string(pair.a), to_string(pair.b)});
    const Tensor two = tensor({2}, {1, 2}), three = tensor({3}, {1, 2, 3});
    expect_error<ShapeError>([&] { where(two, three, three); }, {"where:", "[2]", "[3]"});
    expect_error<ShapeError>([&] { where(three, three, two); }, {"where:", "[2]", "[3]"});
}

BOOST_AUTO_TEST_CASE(dtypes_do_not_mix_and_integers_have_no_arithmetic) {
    const Tensor f32 = tensor({2}, {1, 2}, DType::f32), f64 = tensor({2}, {1, 2}),
                 i32 = tensor({2}, {1, 2}, DType::i32);
    for (const Binary& binary : binaries) {
        const std::string name = std::string(binary.name) + ":";
        expect_error<TypeError>([&] { binary.op(f32, f64); }, {name, "f32 and f64"});
        expect_error<TypeError>([&] { binary.op(f64, i32); }, {name, "f64 and i32"});
        expect_error<TypeError>([&] { binary.op(i32, i32); }, {name, "i32"});
    }
    expect_error<TypeError>([&] { where(i32, f32, f32); }, {"where:", "i32"});
    expect_error<TypeError>([&] { neg(i32); }, {"affine:", "i32"});
    expect_error<TypeError>([&] { clamp(i32, 0, 1); }, {"clamp:", "i32"});
}

BOOST_AUTO_TEST_CASE(operators_take_plain_numbers_on_either_side) {
    for (const DType dtype : float_types) {
        const Tensor x = tensor({2}, {4, -0.5}, dtype);
        BOOST_TEST(approximately(x + 1.0, {2}, {5, 0.5}));
        BOOST_TEST(approximately(1.0 + x, {2}, {5, 0.5}));
        BOOST_TEST(approximately(x - 1.0, {2}, {3, -1.5}));
        BOOST_TEST(approximately(1.0 - x, {2}, {-3, 1.5}));
        BOOST_TEST(approximately(x * 2.0, {2}, {8, -1}));
        BOOST_TEST(approximately(2.0 * x, {2}, {8, -1}));
        BOOST_TEST(approximately(x / 2.0, {2}, {2, -0.25}));
        BOOST_TEST(approximately(2.0 / x, {2}, {0.5, -4}));
        BOOST_TEST(approximately(-x, {2}, {-4, 0.5}));
    }
}

BOOST_AUTO_TEST_CASE(numbers_keep_signed_zeros_nan_and_every_digit) {
    const auto is_negative_zero = [](double x) { return x == 0 && std::signbit(x); };
    for (const DType dtype : float_types) {
        const Tensor x = tensor({4}, {-0.0, nan, infinity, 3}, dtype);
        BOOST_TEST(is_negative_zero((x * 1.0).values<double>()[0]));
        BOOST_TEST(is_negative_zero((x * 0.5).values<double>()[0]));
        BOOST_TEST(is_negative_zero((x - 0.0).values<double>()[0]));
        BOOST_TEST(is_negative_zero((-tensor({}, {0}, dtype)).item()));
        BOOST_TEST(!is_negative_zero((x + 1.0 - 1.0).values<double>()[0]));
        BOOST_TEST(approximately(x * 2.0 + 1.0, {4}, {1, nan, infinity, 7}));
        BOOST_TEST(approximately(x * 0.0, {4}, {0, nan, nan, 0}));
        BOOST_TEST(approximately(affine(x, -2, 10), {4}, {10, nan, -infinity, 4}));
        BOOST_TEST(approximately(affine(tensor({2, 3}, numbers({2, 3}), dtype), 1, 0), {2, 3}, numbers({2, 3})));
    }
    // 1 / 3, 1 / 10 and 1 / 49 are not multiplications by a reciprocal.
    for (const float divisor : {3.0F, 10.0F, 49.0F, 0.25F, -8.0F, 0x1p-126F, 0x1p120F, 0.0F}) {
        const float x = 7.7F;
        BOOST_TEST((tensor({}, {x}, DType::f32) / divisor).values<float>()[0] == x / divisor, divisor);
    }
}

BOOST_AUTO_TEST_CASE(tape_saves_nothing_for_a_number) {
    const Tensor x = tensor({2}, {4, -0.5});
    const auto formula = [](const Tensor& y) { return 1.0 - (2.0 * y / 8.0 - 3.0) * -4.0 + -y; };
    Tape tape;
    tape.watch(x);
    BOOST_TEST(approximately(formula(x), {2}, {1 + 4 * (1 - 3) - 4, 1 + 4 * (-0.125 - 3) + 0.5}));
    for (const TapeNode& node : tape.nodes()) {
        for (const TapeNode::Value& input : node.inputs) BOOST_TEST(!input.saved.defined());
        for (const TapeNode::Value& output : node.outputs) BOOST_TEST(!output.saved.defined());
    }
    BOOST_TEST(approximately(gradient_of_sum(formula, x), {2}, {0, 0}));  // 4 * 2 / 8 - 1
}

BOOST_AUTO_TEST_CASE(comparisons_follow_ieee_754) {
    const Tensor a = tensor({6}, {nan, nan, infinity, -infinity, 0.0, 1}),
                 b = tensor({6}, {nan, 1, infinity, infinity, -0.0, nan});
    BOOST_TEST(approximately(equal(a, b), {6}, {0, 0, 1, 0, 1, 0}));
    BOOST_TEST(approximately(greater(a, b), {6}, {0, 0, 0, 0, 0, 0}));
    BOOST_TEST(approximately(greater(b, a), {6}, {0, 0, 0, 1, 0, 0}));
    BOOST_TEST(approximately(maximum(a, b), {6}, {nan, nan, infinity, infinity, 0, nan}));
}

BOOST_AUTO_TEST_CASE(equal_elements_share_the_gradient_of_maximum) {
    const Tensor a = tensor({3}, {1, 2, 3}), b = tensor({3}, {1, 5, -3});
    BOOST_TEST(approximately(gradient_of_sum([&](const Tensor& x) { return maximum(x, b); }, a), {3}, {0.5, 0, 1}));
    BOOST_TEST(approximately(gradient_of_sum([&](const Tensor& x) { return maximum(a, x); }, b), {3}, {0.5, 1, 0}));
    BOOST_TEST(approximately(gradient_of_sum([](const Tensor& x) { return maximum(x, x); }, a), {3}, {1, 1, 1}));
}

BOOST_AUTO_TEST_CASE(pow_and_its_gradient_are_right_at_zero) {
    const Tensor base = tensor({5}, {0, 0, 0, 0, -2}), exponent = tensor({5}, {0, 1, 2, 0.5, 3});
    const auto power_of = [&](const Tensor& x) { return pow(x, exponent); };
    BOOST_TEST(approximately(power_of(base), {5}, {1, 0, 0, 0, -8}));
    BOOST_TEST(approximately(gradient_of_sum(power_of, base), {5}, {0, 1, 0, infinity, 12}));
    // The second derivative b (b - 1) a^(b - 2) of a, a^2 and a^3.
    const auto slope = [](const Tensor& x) {
        return gradient_of_sum([](const Tensor& y) { return pow(y, tensor({3}, {1, 2, 3})); }, x);
    };
    BOOST_TEST(approximately(gradient_of_sum(slope, tensor({3}, {0, 0, 0})), {3}, {0, 2, 0}));
    const Tensor zero = tensor({2}, {0, 0});
    BOOST_TEST(approximately(gradient_of_sum([&](const Tensor& b) { return pow(zero, b); }, tensor({2}, {1, 2})), {2},
                             {0, 0}));
}

BOOST_AUTO_TEST_CASE(clamp_limits_and_stops_the_gradient_there) {
    for (const DType dtype : float_types) {
        const Tensor x = tensor({7}, {-infinity, -2, -1, 0.5, 2, infinity, nan}, dtype);
        const auto limited = [](const Tensor& y) { return clamp(y, -1, 2); };
        BOOST_TEST(approximately(limited(x), {7}, {-1, -1, -1, 0.5, 2, 2, nan}));
        BOOST_TEST(approximately(gradient_of_sum(limited, x), {7}, {0, 0, 0, 1, 0, 0, 0}));
    }
    expect_error<ShapeError>([] { clamp(tensor({}, {1}), 2, 1); }, {"clamp:", "low <= high"});
}

BOOST_AUTO_TEST_CASE(where_takes_and_differentiates_one_branch_only) {
    const Tensor condition = tensor({2, 1}, {1, 0}), a = tensor({2, 2}, {1, 2, nan, infinity}),
                 b = tensor({2, 2}, {nan, -infinity, 3, 4});
    BOOST_TEST(approximately(where(condition, a, b), {2, 2}, {1, 2, 3, 4}));
    BOOST_TEST(approximately(where(tensor({3}, {nan, -2, -0.0}), tensor({}, {1}), tensor({}, {5})), {3}, {1, 1, 5}));
    const auto weighted = [&](const Tensor& y) { return y * tensor({2, 2}, {5, 6, 7, 8}); };
    BOOST_TEST(approximately(gradient_of_sum([&](const Tensor& x) { return weighted(where(condition, x, b)); }, a),
                             {2, 2}, {5, 6, 0, 0}));
    BOOST_TEST(approximately(gradient_of_sum([&](const Tensor& x) { return weighted(where(condition, a, x)); }, b),
                             {2, 2}, {0, 0, 7, 8}));
}

BOOST_AUTO_TEST_CASE(bias_is_added_to_every_row_and_its_gradient_sums_over_them) {
    const Tensor x = tensor({2, 3}, {1, 2, 3, 4, 5, 6}), b = tensor({3}, {10, 20, 30});
    BOOST_TEST(approximately(add_bias(x, b), {2, 3}, {11, 22, 33, 14, 25, 36}));
    const Tensor weights = tensor({2, 3}, {1, 2, 3, 5, 7, 11});
    BOOST_TEST(
        approximately(gradient_of_sum([&](const Tensor& y) { return add_bias(x, y) * weights; }, b), {3}, {6, 9, 14}));
    BOOST_TEST(approximately(gradient_of_sum([&](const Tensor& y) { return add_bias(y, b) * weights; }, x), {2, 3},
                             {1, 2, 3, 5, 7, 11}));
}

BOOST_AUTO_TEST_CASE(bias_of_another_width_is_refused) {
    const Tensor x = tensor({2, 3}, {1, 2, 3, 4, 5, 6});
    expect_error<ShapeError>([&] { add_bias(x, tensor({1}, {1})); }, {"add_bias", "[2, 3] and [1]"});
    expect_error<ShapeError>([&] { add_bias(x, tensor({}, {1})); }, {"add_bias", "x [..., F] and b [F]"});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
