#include "autograd/ops/optimizer_ops.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "autograd/errors.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/autograd/ops/indices.hpp"
#include "tests/datasets/expect_error.hpp"

namespace tapegrad::testing {
namespace {

Tensor scalar(double value, DType dtype = DType::f64) { return tensor({}, {value}, dtype); }

template <class Tensors>
std::vector<Tensors> one_parameter(const Tensors& tensors) {
    return {tensors};
}

BOOST_AUTO_TEST_SUITE(autograd_ops_optimizer)

BOOST_AUTO_TEST_CASE(sgd_follows_its_formula_over_several_steps) {
    for (const DType dtype : float_types)
        for (const auto& [momentum, decay] : {std::pair{0.0, 0.0}, std::pair{0.9, 0.0}, std::pair{0.5, 0.1}})
            for (const Shape& shape : {Shape{}, Shape{0}, Shape{7, 5}}) {
                std::vector<double> w = numbers(shape), velocity = numbers(shape, 1);
                const Tensor w_tensor = tensor(shape, w, dtype), velocity_tensor = tensor(shape, velocity, dtype);
                for (int step = 1; step <= 3; ++step) {
                    const std::vector<double> gradient = numbers(shape, 10 * step);
                    sgd_step(one_parameter<SgdTensors>({w_tensor, velocity_tensor, tensor(shape, gradient, dtype)}),
                             scalar(0.1 * step, dtype), momentum, decay);
                    for (std::size_t i = 0; i < w.size(); ++i) {
                        velocity[i] = momentum * velocity[i] + gradient[i] + decay * w[i];
                        w[i] -= 0.1 * step * velocity[i];
                    }
                }
                BOOST_TEST(approximately(w_tensor, shape, w));
                BOOST_TEST(approximately(velocity_tensor, shape, velocity));
            }
}

BOOST_AUTO_TEST_CASE(adam_and_adamw_follow_their_formulas_over_several_steps) {
    for (const DType dtype : float_types)
        for (const bool decoupled : {false, true})
            for (const Shape& shape : {Shape{}, Shape{0}, Shape{7, 5}}) {
                const AdamAttributes a{
                    .beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-4, .weight_decay = 0.3, .decoupled = decoupled};
                std::vector<double> w = numbers(shape), m(w.size()), v(w.size());
                const Tensor w_tensor = tensor(shape, w, dtype), m_tensor = tensor(shape, m, dtype),
                             v_tensor = tensor(shape, v, dtype);
                for (int step = 1; step <= 4; ++step) {
                    const std::vector<double> gradient = numbers(shape, 10 * step);
                    const double rate = 0.1 / step, first = 1 - std::pow(0.8, step), second = 1 - std::pow(0.95, step);
                    adam_step(
                        one_parameter<AdamTensors>({w_tensor, m_tensor, v_tensor, tensor(shape, gradient, dtype)}),
                        tensor({3}, {rate, 1 / first, 1 / second}, dtype), a);
                    for (std::size_t i = 0; i < w.size(); ++i) {
                        const double g = gradient[i] + (decoupled ? 0 : 0.3 * w[i]);
                        m[i] = 0.8 * m[i] + 0.2 * g;
                        v[i] = 0.95 * v[i] + 0.05 * g * g;
                        w[i] -=
                            rate * (m[i] / first / (std::sqrt(v[i] / second) + 1e-4) + (decoupled ? 0.3 * w[i] : 0));
                    }
                }
                BOOST_TEST(approximately(w_tensor, shape, w, dtype == DType::f32 ? 1e-5 : 1e-12));
                BOOST_TEST(approximately(m_tensor, shape, m));
                BOOST_TEST(approximately(v_tensor, shape, v));
            }
}

BOOST_AUTO_TEST_CASE(several_parameters_at_once_get_what_each_gets_alone) {
    std::vector<AdamTensors> together, alone;
    for (const Shape& shape : {Shape{3, 5}, Shape{}, Shape{0}, Shape{70}})
        for (std::vector<AdamTensors>* const list : {&together, &alone})
            list->push_back({tensor(shape, numbers(shape)), tensor(shape, numbers(shape, 1)),
                             full(reference(), shape, 0.5, DType::f64), tensor(shape, numbers(shape, 2))});
    const Tensor of_step = tensor({3}, {0.1, 2, 3});
    adam_step(together, of_step, {.weight_decay = 0.01});
    for (const AdamTensors& parameter : alone) adam_step(one_parameter(parameter), of_step, {.weight_decay = 0.01});
    for (std::size_t k = 0; k < together.size(); ++k)
        for (std::size_t role = 0; role < 3; ++role)
            BOOST_CHECK(together[k][role].values<double>() == alone[k][role].values<double>());
    adam_step({}, of_step, {});
}

BOOST_AUTO_TEST_CASE(a_guard_that_is_not_finite_leaves_everything_as_it_is) {
    for (const DType dtype : float_types)
        for (const double guard : {infinity, -infinity, nan, 0.0}) {
            const Tensor w = tensor({2}, {1, 2}, dtype), m = tensor({2}, {3, 4}, dtype), v = tensor({2}, {5, 6}, dtype);
            adam_step(one_parameter<AdamTensors>({w, m, v, tensor({2}, {guard, 1}, dtype)}),
                      tensor({3}, {1, 1, 1}, dtype), {}, scalar(guard, dtype));
            BOOST_TEST((m.values<double>() == std::vector<double>{3, 4}) == (guard != 0));
            BOOST_TEST((v.values<double>() == std::vector<double>{5, 6}) == (guard != 0));
            BOOST_TEST((w.values<double>() == std::vector<double>{1, 2}) == (guard != 0));
            const Tensor x = tensor({2}, {1, 2}, dtype), velocity = tensor({2}, {3, 4}, dtype);
            sgd_step(one_parameter<SgdTensors>({x, velocity, tensor({2}, {guard, 1}, dtype)}), scalar(0.5, dtype), 0.9,
                     0, scalar(guard, dtype));
            BOOST_TEST((velocity.values<double>() == std::vector<double>{3, 4}) == (guard != 0));
            BOOST_TEST((x.values<double>() == std::vector<double>{1, 2}) == (guard != 0));
        }
}

BOOST_AUTO_TEST_CASE(what_adam_is_not_told_is_as_in_the_paper) {
    const auto step = [](const AdamAttributes& attributes) {
        const Tensor w = tensor({1}, {4}), m = tensor({1}, {0.5}), v = tensor({1}, {0.25});
        adam_step(one_parameter<AdamTensors>({w, m, v, tensor({1}, {2})}), tensor({3}, {0.5, 1, 1}), attributes);
        return std::vector<double>{w.item(), m.item(), v.item()};
    };
    const double m = 0.9 * 0.5 + 0.1 * 2, v = 0.999 * 0.25 + 0.001 * 4;
    const std::vector<double> by_hand = {4 - 0.5 * m / (std::sqrt(v) + 1e-8), m, v};
    const std::vector<double> got = step({});
    for (std::size_t i = 0; i < got.size(); ++i) BOOST_TEST(std::abs(got[i] - by_hand[i]) < 1e-14, "number " << i);
}

BOOST_AUTO_TEST_CASE(steps_bump_versions_in_place_and_stand_on_no_tape) {
    const Tensor w = parameter(tensor({2}, {1, 2})), state = tensor({2}, {0, 0}), more = tensor({2}, {0, 0}),
                 gradient = tensor({2}, {1, 1}), one = scalar(1);
    const void* const memory = w.array().data;
    Tape tape;
    sgd_step(one_parameter<SgdTensors>({w, state, gradient}), one, 0.9, 0);
    BOOST_TEST(tape.nodes().empty());
    BOOST_TEST(w.version() == 1u);
    BOOST_TEST(state.version() == 1u);
    BOOST_TEST(gradient.version() == 0u);
    adam_step(one_parameter<AdamTensors>({w, state, more, gradient}), tensor({3}, {1, 1, 1}), {});
    BOOST_TEST(tape.nodes().empty());
    BOOST_TEST(w.version() == 2u);
    BOOST_TEST(state.version() == 2u);
    BOOST_TEST(more.version() == 1u);
    BOOST_TEST(w.array().data == memory);
}

BOOST_AUTO_TEST_CASE(state_that_does_not_fit_is_refused_and_nothing_is_written) {
    const Tensor w = tensor({2}, {1, 2}), short_state = tensor({1}, {0}), state = tensor({2}, {0, 0}), one = scalar(1);
    const Tensor numbers = tensor({3}, {1, 1, 1});
    const auto sgd = [](const SgdTensors& tensors, const Tensor& rate) {
        return [=] { sgd_step(one_parameter(tensors), rate, 0, 0); };
    };
    const auto adam = [](const AdamTensors& tensors, const Tensor& numbers_of_step) {
        return [=] { adam_step(one_parameter(tensors), numbers_of_step, {}); };
    };
    expect_error<ShapeError>(sgd({w, short_state, w}, one), {"sgd_step:", "[2]", "[1]"});
    expect_error<ShapeError>(sgd({w, state, w}, w), {"sgd_step:", "the shape []", "[2]"});
    expect_error<ShapeError>(sgd({one, one, one}, tensor({1}, {1})), {"sgd_step:", "the shape []", "[1]"});
    expect_error<ShapeError>(adam({w, state, short_state, w}, numbers), {"adam_step:", "[1]"});
    expect_error<ShapeError>(adam({w, state, state, w}, one), {"adam_step:", "the shape [3]", "[]"});
    expect_error<TypeError>(sgd({w, state, tensor({2}, {1, 1}, DType::f32)}, one), {"sgd_step:", "f64 and f32"});
    // As many as the step of no parameter has, and fewer; then one tensor too few and too many for a parameter.
    for (const Tensors& inputs : {Tensors{w}, Tensors{one, one}, Tensors{w, state, one}, Tensors{w, state, one, one},
                                  Tensors{w, state, w, w, one, one}})
        expect_error<TypeError>(
            [&] {
                apply_update(find_op("sgd_step"), inputs, {{"momentum", 0.0}, {"weight_decay", 0.0}});
            },
            {"sgd_step:", "3 tensors for each parameter", std::to_string(inputs.size()) + " inputs"});
    BOOST_TEST(approximately(w, {2}, {1, 2}));
    BOOST_TEST(w.version() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
