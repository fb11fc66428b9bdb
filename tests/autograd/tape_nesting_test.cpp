// Nested tapes: gradients of gradients.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <functional>
#include <vector>

#include "autograd/ops.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/autograd/sample_ops.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

using Function = std::function<Tensor(const Tensor&)>;

// The derivative of that order, by as many nested tapes.
Tensor derivative(const Function& f, const Tensor& x, int order) {
    if (order == 0) return f(x);
    Tape tape;
    tape.watch(x);
    return tape.gradient(derivative(f, x, order - 1), {x})[0];
}

Tensor at(double x) { return tensor({}, {x}); }

}  // namespace

BOOST_AUTO_TEST_SUITE(autograd_tape_nesting)

BOOST_AUTO_TEST_CASE(derivatives_of_a_cube) {
    const Function cube = [](const Tensor& x) { return x * x * x; };
    BOOST_TEST(approximately(derivative(cube, at(2), 1), {}, {12}));
    BOOST_TEST(approximately(derivative(cube, at(2), 2), {}, {12}));
    BOOST_TEST(approximately(derivative(cube, at(2), 3), {}, {6}));
    BOOST_TEST(approximately(derivative(cube, at(2), 4), {}, {0}));
}

BOOST_AUTO_TEST_CASE(derivatives_of_tanh) {
    const Function hyperbolic = [](const Tensor& x) { return tanh(x); };
    const double t = std::tanh(0.3), s = 1 - t * t;
    BOOST_TEST(approximately(derivative(hyperbolic, at(0.3), 1), {}, {s}));
    BOOST_TEST(approximately(derivative(hyperbolic, at(0.3), 2), {}, {-2 * t * s}));
    BOOST_TEST(approximately(derivative(hyperbolic, at(0.3), 3), {}, {-2 * s * (1 - 3 * t * t)}));
}

BOOST_AUTO_TEST_CASE(derivatives_of_a_logarithm) {
    const Function logarithm = [](const Tensor& x) { return log(x); };
    BOOST_TEST(approximately(derivative(logarithm, at(2), 2), {}, {-1.0 / 4}));
    BOOST_TEST(approximately(derivative(logarithm, at(2), 3), {}, {1.0 / 4}));
}

BOOST_AUTO_TEST_CASE(derivatives_through_a_composed_op_without_a_vjp) {
    const OpDef op = product_and_sum_op();
    const Function f = [&](const Tensor& x) {
        const Tensors both = apply(op, Tensors{x, x * x});
        return both[0] * both[1];  // x^3 (x + x^2) = x^4 + x^5
    };
    BOOST_TEST(approximately(derivative(f, at(2), 1), {}, {4 * 8 + 5 * 16}));
    BOOST_TEST(approximately(derivative(f, at(2), 2), {}, {12 * 4 + 20 * 8}));
    BOOST_TEST(approximately(derivative(f, at(2), 3), {}, {24 * 2 + 60 * 4}));
}

BOOST_AUTO_TEST_CASE(mixed_derivatives) {
    const Tensor x = at(2), y = at(3);
    Tape outer;
    outer.watch(x);
    outer.watch(y);
    std::vector<Tensor> first;
    {
        Tape inner;
        inner.watch(x);
        inner.watch(y);
        first = inner.gradient(x * x * y * y * y, {x, y});
    }
    BOOST_TEST(approximately(first[0], {}, {2 * 2 * 27}));
    BOOST_TEST(approximately(first[1], {}, {3 * 4 * 9}));
    const std::vector<Tensor> second = outer.gradient(first[0], {x, y});
    BOOST_TEST(approximately(second[0], {}, {2 * 27}));
    BOOST_TEST(approximately(second[1], {}, {6 * 2 * 9}));
}

BOOST_AUTO_TEST_CASE(hessian_times_a_vector) {
    // f = x^T A x / 2 has the symmetric part of A as its Hessian: [[2, 2], [2, 5]].
    const Tensor a = tensor({2, 2}, {2, 1, 3, 5}), x = tensor({2, 1}, {7, 11}), v = tensor({2, 1}, {1, 10});
    Tape outer;
    outer.watch(x);
    Tape inner;
    inner.watch(x);
    const Tensor gradient = inner.gradient(sum(x * matmul(a, x)) / 2.0, {x})[0];
    BOOST_TEST(approximately(outer.gradient(sum(gradient * v), {x})[0], {2, 1}, {22, 52}));
}

BOOST_AUTO_TEST_CASE(second_derivative_through_the_grad_of_a_parameter) {
    const Tensor weight = parameter(at(2));
    Tape outer;
    {
        Tape inner;
        inner.backward(weight * weight * weight);
    }
    BOOST_TEST(approximately(outer.gradient(weight.grad() * weight.grad(), {weight})[0], {}, {2 * 12 * 12}));
}

BOOST_AUTO_TEST_CASE(second_derivatives_undo_broadcasting) {
    // f = sum_ij (m_ij b_j)^2: the second derivative by b_j is 2 sum_i m_ij^2.
    const Tensor m = tensor({2, 2}, {1, 2, 3, 4}), b = tensor({2}, {5, 6});
    const Tensor second = derivative(
        [&](const Tensor& x) {
            Tape tape;
            tape.watch(x);
            const Tensor y = m * x;
            return sum(tape.gradient(sum(y * y), {x})[0]);
        },
        b, 1);
    BOOST_TEST(approximately(second, {2}, {2 * (1 + 9), 2 * (4 + 16)}));
}

BOOST_AUTO_TEST_CASE(walking_the_outer_tape_first_leaves_the_inner_one_usable) {
    const Tensor x = at(2);
    Tape older;
    older.watch(x);
    Tape younger;
    younger.watch(x);
    const Tensor y = x * x * x;
    const Tensor first = older.gradient(y, {x})[0];
    BOOST_TEST(approximately(first, {}, {12}));
    BOOST_TEST(approximately(younger.gradient(first, {x})[0], {}, {12}));
}

BOOST_AUTO_TEST_CASE(no_tape_makes_the_inner_gradient_a_constant) {
    const Tensor x = at(3);
    Tape outer;
    outer.watch(x);
    Tensor slope;
    {
        const NoTape no_tape;
        slope = derivative([](const Tensor& z) { return z * z; }, x, 1);
    }
    BOOST_TEST(approximately(outer.gradient(slope * x, {x})[0], {}, {6}));
}

BOOST_AUTO_TEST_SUITE_END()
