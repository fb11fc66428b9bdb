// The attention equations on a graph of four nodes, worked by hand.
#include <boost/test/unit_test.hpp>

#include "nn/layers/gat_conv.hpp"
#include "tests/nn/nn_fixture.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;
using std::exp;

namespace {

// h = (1, 0), (0, 1), (1, 1), (2, -1). Node 0 hears 0, 1 and 3; node 1 hears 2; node 2 hears nobody; node 3 hears 0
// and 1.
const Tensor& features() {
    static const Tensor h = f64({4, 2}, {1, 0, 0, 1, 1, 1, 2, -1});
    return h;
}
const Graph& four_nodes() {
    static const Graph graph = graph_f64({{0, 0}, {1, 0}, {3, 0}, {2, 1}, {0, 3}, {1, 3}}, 4);
    return graph;
}

// W = ((1, 2), (3, -1)), so that (1) gives z = (1, 2), (3, -1), (4, 1), (-1, 5).
// a_target = (0.1, -0.1) makes of z: -0.1, 0.4, 0.3, -0.6. a_source = (0.2, 0.1) makes: 0.4, 0.5, 0.9, 0.3.
GATConv layer(AttentionScores scores) {
    LayerSource source;
    GATConv gat(source.inputs(2), {.out_features = 2, .scores = scores, .negative_slope = 0.2});
    assign(parameter_of(gat, "weight"), f64({2, 2}, {1, 2, 3, -1}));
    assign(parameter_of(gat, "attention_target"), f64({1, 2}, {0.1, -0.1}));
    assign(parameter_of(gat, "attention_source"), f64({1, 2}, {0.2, 0.1}));
    assign(parameter_of(gat, "bias"), f64({2}, {10, 20}));
    return gat;
}

void check_four_nodes(AttentionScores scores) {
    // (2) for 0 <- 0, 0 <- 1, 0 <- 3: -0.1 + 0.4, -0.1 + 0.5, -0.1 + 0.3.
    const double e_00 = 0.3, e_01 = 0.4, e_03 = 0.2;
    // (3)
    const double sum_0 = exp(e_00) + exp(e_01) + exp(e_03);
    const double alpha_00 = exp(e_00) / sum_0, alpha_01 = exp(e_01) / sum_0, alpha_03 = exp(e_03) / sum_0;
    BOOST_TEST(alpha_00 == 0.332225, boost::test_tools::tolerance(5e-6));
    BOOST_TEST(alpha_01 == 0.367165, boost::test_tools::tolerance(5e-6));
    BOOST_TEST(alpha_03 == 0.300610, boost::test_tools::tolerance(5e-6));
    // 3 <- 0 and 3 <- 1: -0.6 + 0.4 = -0.2 and -0.6 + 0.5 = -0.1, below 0, so times 0.2.
    const double e_30 = -0.04, e_31 = -0.02;
    const double alpha_30 = exp(e_30) / (exp(e_30) + exp(e_31)), alpha_31 = exp(e_31) / (exp(e_30) + exp(e_31));
    // (4), and the bias (10, 20). Node 1 has one neighbour, whose coefficient is 1.
    const std::vector<double> expected = {
        10 + alpha_00 * 1 + alpha_01 * 3 + alpha_03 * -1,
        20 + alpha_00 * 2 + alpha_01 * -1 + alpha_03 * 5,
        10 + 4,
        20 + 1,
        10,
        20,
        10 + alpha_30 * 1 + alpha_31 * 3,
        20 + alpha_30 * 2 + alpha_31 * -1,
    };
    GATConv gat = layer(scores);
    const ForwardContext context{.graph = &four_nodes()};
    check_close(run(gat, features(), context), expected, 1e-14, "dense features");
    check_close(run(gat, sparse_f64(features()), context), expected, 1e-14, "sparse features");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(nn_gat_equations)

BOOST_AUTO_TEST_CASE(concat_scores_give_the_hand_worked_result) { check_four_nodes(AttentionScores::concat); }

BOOST_AUTO_TEST_CASE(split_scores_give_the_hand_worked_result) { check_four_nodes(AttentionScores::split); }

BOOST_AUTO_TEST_SUITE_END()
