// The three dropouts of the attention layer.
#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>

#include "nn/layers/gat_conv.hpp"
#include "tests/nn/nn_fixture.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

using Numbers = std::vector<double>;

constexpr AttentionScores both_scores[] = {AttentionScores::concat, AttentionScores::split};

}  // namespace

BOOST_AUTO_TEST_SUITE(nn_gat_dropout)

BOOST_AUTO_TEST_CASE(each_dropout_acts_where_the_equations_say) {
    // Attention vectors of zeros and W = 1: every neighbour counts the same.
    LayerSource source;
    const Graph graph = graph_f64({{0, 0}, {1, 0}, {0, 1}, {1, 1}}, 2);
    const auto output = [&](GatOptions options, bool training) {
        GATConv gat(source.inputs(1), options);
        assign(parameter_of(gat, "weight"), f64({1, 1}, {1}));
        assign(parameter_of(gat, "attention_source"), f64({1, 1}, {0}));
        assign(parameter_of(gat, "attention_target"), f64({1, 1}, {0}));
        RandomStream stream(random_key(reference_backend(), 5, 0));
        return run(gat, f64({2, 1}, {1, 10}), {.graph = &graph, .training = training, .random = &stream})
            .values<double>();
    };
    for (const AttentionScores scores : both_scores) {
        const auto dropped = [&](double x, double alpha, double z, bool training) {
            return output({.scores = scores, .dropout = x, .attention_dropout = alpha, .feature_dropout = z}, training);
        };
        for (const auto& [x, alpha, z] :
             {std::array{1.0, 0.0, 0.0}, std::array{0.0, 1.0, 0.0}, std::array{0.0, 0.0, 1.0}}) {
            BOOST_CHECK((dropped(x, alpha, z, true) == Numbers{0, 0}));
            BOOST_CHECK((dropped(x, alpha, z, false) == Numbers{5.5, 5.5}));
        }
        // A dropped feature is gone for both nodes; a dropped coefficient for one edge.
        const Numbers features = dropped(0, 0, 0.5, true), again = dropped(0, 0, 0.5, true);
        BOOST_TEST(features[0] == features[1]);
        BOOST_CHECK(features == again);
    }
}

BOOST_AUTO_TEST_CASE(feature_dropout_does_not_change_the_scores) {
    // Node 0 hears 1 and 2. With all features kept or dropped as a whole, the output is alpha_1 z_1 d_1 + alpha_2 z_2
    // d_2 with d = 0 or 2 and the undropped alpha.
    const Graph graph = graph_f64({{1, 0}, {2, 0}}, 3);
    for (const AttentionScores scores : both_scores) {
        LayerSource source;
        GATConv gat(source.inputs(1), {.scores = scores, .feature_dropout = 0.5});
        assign(parameter_of(gat, "weight"), f64({1, 1}, {1}));
        assign(parameter_of(gat, "attention_source"), f64({1, 1}, {1}));
        assign(parameter_of(gat, "attention_target"), f64({1, 1}, {0}));
        const double one = std::exp(1.0) * 1 / (std::exp(1.0) + std::exp(2.0)),
                     two = std::exp(2.0) * 2 / (std::exp(1.0) + std::exp(2.0));
        const Numbers possible = {0, 2 * one, 2 * two, 2 * one + 2 * two};
        std::array<int, 4> seen{};
        for (std::uint32_t step = 0; step < 40; ++step) {
            RandomStream stream(random_key(reference_backend(), 9, step));
            const double out = run(gat, f64({3, 1}, {0, 1, 2}), {.graph = &graph, .training = true, .random = &stream})
                                   .values<double>()[0];
            const auto nearest =
                std::ranges::min_element(possible, {}, [&](double value) { return std::abs(value - out); });
            BOOST_TEST(std::abs(*nearest - out) < 1e-14,
                       "output " << out << " in step " << step << " has other coefficients");
            ++seen[static_cast<std::size_t>(nearest - possible.begin())];
        }
        for (const int count : seen) BOOST_TEST(count > 0, "one of the four masks never came in 40 steps");
    }
}

BOOST_AUTO_TEST_SUITE_END()
