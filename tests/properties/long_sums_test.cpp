// Sums so long that adding one number after the other in f32 would stand still.
#include <boost/test/unit_test.hpp>

#include "nn/optimizer.hpp"
#include "tests/nn/nn_fixture.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

BackendPtr simd() { return open_backend(TAPEGRAD_BINARY_DIR "/lib/libtapegrad_backend_simd.so", 2); }

}  // namespace

BOOST_AUTO_TEST_SUITE(properties_long_sums)

BOOST_AUTO_TEST_CASE(a_sum_of_a_hundred_million_ones_in_f32_is_right) {
    const Tensor ones = full(simd(), {100'000'000}, 1);
    BOOST_TEST(sum(ones).item() == 1e8);
    BOOST_TEST(mean(ones).item() == 1);
    BOOST_TEST(sum(reshape(ones, {50'000'000, 2}), {0}).values<double>() == (std::vector<double>{5e7, 5e7}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_node_with_a_million_edges_keeps_its_digits) {
    constexpr std::int64_t edges = 1'000'000;
    HostRandom random(5);
    const BackendPtr backend = simd();
    const std::vector<std::int32_t> to_first(static_cast<std::size_t>(edges), 0);
    std::vector<std::int32_t> from(to_first.size());
    std::vector<double> values(to_first.size());
    double exact = 0;
    for (std::size_t e = 0; e < from.size(); ++e) {
        from[e] = static_cast<std::int32_t>(e);
        values[e] = static_cast<double>(static_cast<float>(random.uniform(0, 1)));
        exact += values[e];
    }
    const Grouping targets = make_grouping(backend, to_first, 2), sources = make_grouping(backend, from, edges);
    const Tensor x = from_values(backend, {edges, 1}, values, DType::f32);
    const std::vector<double> sums = scatter_sum(x, targets).values<double>();
    BOOST_TEST(std::abs(sums[0] - exact) <= 1e-5 * exact);
    BOOST_TEST(sums[1] == 0);

    // Equal scores: each coefficient is a millionth, and the output the mean.
    const Tensor scores = full(backend, {edges, 1}, 0.5), of_targets = full(backend, {2, 1}, 0.25);
    const Tensor out = graph_attention(reshape(x, {edges, 1, 1}), scores, of_targets, {}, sources, targets, 0.2);
    const double mean = exact / static_cast<double>(edges);
    BOOST_TEST(std::abs(out.values<double>()[0] - mean) <= 1e-5 * mean);
    const std::vector<double> alpha = scatter_softmax(scores, targets).values<double>();
    for (const double coefficient : alpha)
        if (std::abs(coefficient - 1e-6) > 1e-11) BOOST_FAIL("a coefficient is " << coefficient);
}

// The gradient pulls w to 3 with the same force for ever; after many steps the corrections are 1.
BOOST_AUTO_TEST_CASE(adam_is_right_after_a_million_steps) {
    for (const std::int64_t begin : {std::int64_t{0}, std::int64_t{1'000'000}, std::int64_t{1} << 40}) {
        const Tensor w = parameter(full(simd(), {3}, 1, DType::f32)), grad = full(w.backend(), {3}, 0.5, DType::f32);
        Adam adam({{{{"w", w}}, 0}}, {.learning_rate = 1e-3});
        for (const auto& [name, average] : adam.state())
            assign(average, std::vector<double>(3, begin == 0 ? 0 : name.ends_with(".m") ? 0.5 : 0.25));
        adam.set_steps(begin);
        for (int step = 0; step < 100; ++step) {
            w.set_grad(grad);
            adam.step();
        }
        // With a constant gradient each step is learning_rate long.
        for (const double value : w.values<double>()) BOOST_TEST(std::abs(value - 0.9) < 1e-5);
    }
}

BOOST_AUTO_TEST_SUITE_END()
