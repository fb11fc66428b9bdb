// The optimizers against their formulas in plain loops over doubles.
#include "nn/optimizer.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/autograd/wrapped_plugin.hpp"
#include "tests/nn/nn_fixture.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;
using Numbers = std::vector<double>;

namespace {

// Two parameters with different weight decay, and a gradient for each step.
struct Problem {
    Tensor a = parameter(f64({2, 3}, {1, -2, 3, -4, 5, -6}));
    Tensor b = parameter(f64({2}, {0.5, -0.25}));
    std::vector<ParameterGroup> groups = {{{{"a", a}}, 0.1}, {{{"b", b}}, 0}};

    static Numbers gradient(std::size_t size, int step) {
        Numbers values;
        for (std::size_t i = 0; i < size; ++i) values.push_back(std::sin(1.0 + static_cast<double>(i) + 2.5 * step));
        return values;
    }
    void set_gradients(int step) const {
        for (const Tensor& w : {a, b}) w.set_grad(f64(w.shape(), gradient(static_cast<std::size_t>(w.size()), step)));
    }
};

void check_sgd(double momentum) {
    const Problem problem;
    Sgd sgd(problem.groups, {.learning_rate = 0.1, .momentum = momentum});
    Numbers a = problem.a.values<double>(), b = problem.b.values<double>(), velocity_a(6), velocity_b(2);
    for (int step = 0; step < 5; ++step) {
        problem.set_gradients(step);
        sgd.step();
        const Numbers g = Problem::gradient(6, step);
        for (std::size_t i = 0; i < 6; ++i) {
            velocity_a[i] = momentum * velocity_a[i] + g[i] + 0.1 * a[i];
            a[i] -= 0.1 * velocity_a[i];
        }
        for (std::size_t i = 0; i < 2; ++i) {
            velocity_b[i] = momentum * velocity_b[i] + g[i];
            b[i] -= 0.1 * velocity_b[i];
        }
        check_close(problem.a, a, 1e-14, "a after step " + std::to_string(step));
        check_close(problem.b, b, 1e-14, "b after step " + std::to_string(step));
    }
}

void check_adam(bool decoupled) {
    const Problem problem;
    constexpr double rate = 0.05, beta1 = 0.8, beta2 = 0.99, epsilon = 1e-3;
    Adam adam(problem.groups,
              {.learning_rate = rate, .beta1 = beta1, .beta2 = beta2, .epsilon = epsilon, .decoupled = decoupled});
    Numbers w[2] = {problem.a.values<double>(), problem.b.values<double>()}, m[2] = {Numbers(6), Numbers(2)},
            v[2] = {Numbers(6), Numbers(2)};
    const double decays[2] = {0.1, 0};
    for (int step = 0; step < 5; ++step) {
        problem.set_gradients(step);
        adam.step();
        const double t = step + 1;
        for (int p = 0; p < 2; ++p) {
            const Numbers gradient = Problem::gradient(w[p].size(), step);
            for (std::size_t i = 0; i < w[p].size(); ++i) {
                const double g = gradient[i] + (decoupled ? 0 : decays[p] * w[p][i]);
                m[p][i] = beta1 * m[p][i] + (1 - beta1) * g;
                v[p][i] = beta2 * v[p][i] + (1 - beta2) * g * g;
                const double first = m[p][i] / (1 - std::pow(beta1, t)), second = v[p][i] / (1 - std::pow(beta2, t));
                w[p][i] -= rate * (first / (std::sqrt(second) + epsilon) + (decoupled ? decays[p] * w[p][i] : 0));
            }
        }
        check_close(problem.a, w[0], 1e-13, "a after step " + std::to_string(step));
        check_close(problem.b, w[1], 1e-13, "b after step " + std::to_string(step));
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(nn_optimizer)

BOOST_AUTO_TEST_CASE(sgd_follows_its_formula_with_and_without_momentum) {
    check_sgd(0);
    check_sgd(0.9);
}

BOOST_AUTO_TEST_CASE(adam_follows_algorithm_1_with_l2_in_the_gradient) { check_adam(false); }

BOOST_AUTO_TEST_CASE(adamw_decays_the_weights_themselves) { check_adam(true); }

// Kingma and Ba, section 2: "good default settings for the tested machine learning problems".
BOOST_AUTO_TEST_CASE(adam_begins_with_the_settings_of_its_paper) {
    const AdamOptions options;
    BOOST_TEST(options.learning_rate == 0.001);
    BOOST_TEST(options.beta1 == 0.9);
    BOOST_TEST(options.beta2 == 0.999);
    BOOST_TEST(options.epsilon == 1e-8);
    BOOST_TEST(!options.decoupled);
}

BOOST_AUTO_TEST_CASE(a_parameter_without_a_gradient_stays_as_it_is) {
    const Problem problem;
    Adam adam(problem.groups, {});
    problem.b.set_grad(f64({2}, {1, 1}));
    const Numbers before = problem.a.values<double>();
    adam.step();
    BOOST_CHECK(problem.a.values<double>() == before);
    BOOST_CHECK((problem.b.values<double>() != Numbers{0.5, -0.25}));
    BOOST_TEST(adam.steps() == 1);
}

BOOST_AUTO_TEST_CASE(memory_of_an_optimizer_is_its_averages_and_the_numbers_of_a_step) {
    const BackendPtr backend = open_backend("reference");
    const Tensor w = parameter(full(backend, {1024}, 1, DType::f64));
    const auto bytes_of = [&](const auto& make_optimizer) {
        const std::size_t before = backend->bytes_in_use();
        const auto optimizer = make_optimizer(std::vector<ParameterGroup>{{{{"w", w}}, 0}});
        return backend->bytes_in_use() - before;
    };
    const std::size_t numbers = 64;  // the smallest block
    BOOST_TEST(bytes_of([](const auto& groups) { return Sgd(groups, {}); }) == 8192 + numbers);
    BOOST_TEST(bytes_of([](const auto& groups) { return Adam(groups, {}); }) == 2 * 8192 + numbers);
}

BOOST_AUTO_TEST_CASE(zero_grad_takes_every_gradient_away) {
    const Problem problem;
    Sgd sgd(problem.groups, {});
    problem.set_gradients(0);
    sgd.zero_grad();
    BOOST_TEST(!problem.a.grad().defined());
    BOOST_TEST(!problem.b.grad().defined());
}

BOOST_AUTO_TEST_CASE(an_optimizer_without_parameters_does_nothing) { BOOST_CHECK_NO_THROW(Adam({}, {}).step()); }

BOOST_AUTO_TEST_CASE(going_on_from_the_state_gives_the_same_bits) {
    const Problem whole, first;
    Adam through(whole.groups, {}), before(first.groups, {});
    for (int step = 0; step < 6; ++step) {
        whole.set_gradients(step);
        through.step();
    }
    for (int step = 0; step < 3; ++step) {
        first.set_gradients(step);
        before.step();
    }
    const Problem second;
    assign(second.a, first.a);
    assign(second.b, first.b);
    Adam after(second.groups, {});
    after.set_steps(before.steps());
    std::string names;
    for (std::size_t i = 0; i < 4; ++i) {
        names += before.state()[i].first + " ";
        assign(after.state()[i].second, before.state()[i].second);
    }
    BOOST_TEST(names == "a.m a.v b.m b.v ");
    for (int step = 3; step < 6; ++step) {
        second.set_gradients(step);
        after.step();
    }
    BOOST_CHECK(second.a.values<double>() == whole.a.values<double>());
    BOOST_CHECK(second.b.values<double>() == whole.b.values<double>());
}

BOOST_AUTO_TEST_CASE(nothing_decays_unless_it_is_asked_for) {
    const Tensor w = parameter(f64({2}, {3, -4}));
    w.set_grad(f64({2}, {0, 0}));
    Sgd({{.parameters = {{"w", w}}}}, {.learning_rate = 0.5}).step();
    check_close(w, {3, -4}, 0, "w");
}

BOOST_AUTO_TEST_CASE(each_optimizer_finds_the_minimum_of_a_parabola) {
    // (w - 3)^2, from 0.
    const auto distance = [](const auto& make_optimizer) {
        const Tensor w = parameter(f64({}, {0}));
        auto optimizer = make_optimizer(std::vector<ParameterGroup>{{{{"w", w}}, 0}});
        for (int step = 0; step < 400; ++step) {
            optimizer.zero_grad();
            Tape tape;
            tape.backward(mse_loss(w, f64({}, {3})));
            optimizer.step();
        }
        return std::abs(w.item() - 3);
    };
    BOOST_TEST(distance([](const auto& groups) { return Sgd(groups, {.learning_rate = 0.1}); }) < 1e-6);
    BOOST_TEST(distance([](const auto& groups) { return Sgd(groups, {.learning_rate = 0.01, .momentum = 0.9}); }) <
               1e-3);
    BOOST_TEST(distance([](const auto& groups) { return Adam(groups, {.learning_rate = 0.1}); }) < 1e-3);
}

BOOST_AUTO_TEST_CASE(a_step_is_made_though_one_of_its_parameters_is_empty) {
    static int calls;
    calls = 0;
    register_kernel("partly_empty", "sgd_step", DType::f64,
                    [](tg_context*, tg_call*) -> int { return ++calls, TG_OK; });
    const WrappedPlugin plugin("partly_empty");
    const BackendPtr backend = Backend::open(plugin.table, 1);
    const auto step = [&](const std::vector<Shape>& shapes) {
        ParameterGroup group;
        for (const Shape& shape : shapes)
            group.parameters.emplace_back("w", parameter(full(backend, shape, 1, DType::f64)));
        for (const auto& [name, w] : group.parameters) w.set_grad(zeros_like(w));
        Sgd({group}, {}).step();
    };
    step({{0}, {3}});
    BOOST_TEST(calls == 1);
    step({{3}, {0}});
    BOOST_TEST(calls == 2);
    step({{0}});
    BOOST_TEST(calls == 2);
}

// A step that was captured once reads its numbers from the same memory each time it is replayed.
BOOST_AUTO_TEST_CASE(learning_rate_and_corrections_stay_in_their_place_and_change_their_value) {
    static std::vector<const double*> places;
    static Numbers values;
    places.clear(), values.clear();
    register_kernel("watched", "adam_step", DType::f64, [](tg_context*, tg_call* call) -> int {
        for (int i = 0; i < 3; ++i) {
            places.push_back(static_cast<const double*>(call->inputs[4].data) + i);
            values.push_back(*places.back());
        }
        return TG_OK;
    });
    const WrappedPlugin plugin("watched");
    const BackendPtr backend = Backend::open(plugin.table, 1);
    const Tensor w = parameter(full(backend, {3}, 1, DType::f64));
    Adam adam({{{{"w", w}}, 0}}, {.learning_rate = 0.1, .beta1 = 0.5, .beta2 = 0.75});
    for (int step = 0; step < 2; ++step) {
        w.set_grad(zeros_like(w));
        adam.step();
    }
    BOOST_TEST_REQUIRE(places.size() == 6U);
    for (std::size_t i = 0; i < 3; ++i) BOOST_TEST(places[i] == places[i + 3]);
    // 1 / (1 - 0.5), 1 / (1 - 0.75), then 1 / (1 - 0.25), 1 / (1 - 0.5625)
    const Numbers wanted = {0.1, 2, 4, 0.1, 1 / 0.75, 1 / 0.4375};
    for (std::size_t i = 0; i < 6; ++i) BOOST_TEST(values[i] == wanted[i], boost::test_tools::tolerance(1e-15));
}

BOOST_AUTO_TEST_SUITE_END()
