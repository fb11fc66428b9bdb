#include "nn/layers/attention_layer.hpp"

#include <boost/test/unit_test.hpp>

#include "nn/layers/multi_head.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/nn/nn_fixture.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

using Numbers = std::vector<double>;

Tensor f64_on(const BackendPtr& backend, const Shape& shape, const Numbers& values) {
    return from_values(backend, shape, std::span<const double>(values), DType::f64);
}

std::vector<BackendPtr> both_backends() { return {open_backend("reference", 1), open_backend("simd", 2)}; }

constexpr AttentionScores both_scores[] = {AttentionScores::concat, AttentionScores::split};

// Edges into node 0 from all of 0, 1, 2, into node 2 from node 1; node 1 hears nobody. Features 2, 4, 6.
const std::vector<Edge> edges_by_hand{{0, 0}, {1, 0}, {2, 0}, {1, 2}};

// z = x in head 0 and -x in head 1; the score of an edge is x_i + ln(2) z_j in head 0, and in head 1 half of ln(2) z_j,
// for that is negative. The target's share is the same for all edges into a node, so it does not change alpha.
void set_weights_by_hand(const Module& gat, const BackendPtr& backend) {
    const double ln2 = std::log(2.0);
    assign(parameter_of(gat, "weight"), f64_on(backend, {1, 2}, {1, -1}));
    assign(parameter_of(gat, "attention_source"), f64_on(backend, {2, 1}, {ln2, ln2}));
    assign(parameter_of(gat, "attention_target"), f64_on(backend, {2, 1}, {1, 0}));
}

// exp(e) is proportional to 2^2, 2^4, 2^6 in head 0 and to 2^-1, 2^-2, 2^-3 in head 1.
const Numbers alpha_by_hand{1. / 21, 4. / 7, 4. / 21, 2. / 7, 16. / 21, 1. / 7, 1, 1};

// The sums over the edges into each node [N, H], and how many edges there are.
Numbers sums_by_target(const Tensor& alpha, const Graph& graph) {
    const auto heads = static_cast<std::size_t>(alpha.shape()[1]);
    const Numbers values = alpha.values<double>();
    const auto targets = graph.targets.index.values<std::int32_t>();
    Numbers sums(static_cast<std::size_t>(graph.nodes) * heads);
    for (std::size_t edge = 0; edge < targets.size(); ++edge)
        for (std::size_t head = 0; head < heads; ++head)
            sums[static_cast<std::size_t>(targets[edge]) * heads + head] += values[edge * heads + head];
    return sums;
}

// A layer of 4 heads with random weights on a random graph, where some nodes hear nobody and some edges are double.
struct RandomCase {
    LayerSource source{5};
    Graph graph = graph_f64(random_edges(60, 17, source.random), 17);
    Tensor x = random_f64({17, 6}, source.random);
    ForwardContext context{.graph = &graph};
    GatOptions options{.out_features = 3, .heads = 4};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(nn_attention_layer)

BOOST_AUTO_TEST_CASE(coefficients_are_those_worked_by_hand_on_both_backends) {
    for (const BackendPtr& backend : both_backends())
        for (const AttentionScores scores : both_scores) {
            HostRandom random(1);
            GATConv gat(LayerInputs{1, backend, random, DType::f64},
                        {.out_features = 1, .heads = 2, .scores = scores, .negative_slope = 0.5});
            set_weights_by_hand(gat, backend);
            const Graph graph = make_graph(backend, edges_by_hand, 3, DType::f64);
            const Tensor alpha = gat.attention(f64_on(backend, {3, 1}, {2, 4, 6}), {.graph = &graph});
            BOOST_CHECK(alpha.shape() == (Shape{4, 2}));
            check_close(alpha, alpha_by_hand, 1e-14, "attention on " + backend->name());
        }
}

BOOST_AUTO_TEST_CASE(coefficients_into_a_node_add_up_to_1_in_every_head) {
    RandomCase c;
    for (const AttentionScores scores : both_scores) {
        c.options.scores = scores;
        GATConv gat(c.source.inputs(6), c.options);
        randomise(gat, c.source.random);
        const Numbers sums = sums_by_target(gat.attention(c.x, c.context), c.graph);
        const auto offsets = c.graph.targets.offsets.values<std::int32_t>();
        std::size_t alone = 0;
        for (std::size_t i = 0; i < sums.size(); ++i) {
            const bool hears = offsets[i / 4 + 1] > offsets[i / 4];
            alone += !hears;
            BOOST_TEST(sums[i] == (hears ? 1.0 : 0.0), boost::test_tools::tolerance(1e-14));
        }
        BOOST_TEST(alone > 0U);
    }
}

BOOST_AUTO_TEST_CASE(both_ways_to_score_give_the_same_coefficients) {
    RandomCase c;
    GATConv concat(c.source.inputs(6), {.out_features = 3, .heads = 4, .scores = AttentionScores::concat});
    GATConv split(c.source.inputs(6), {.out_features = 3, .heads = 4, .scores = AttentionScores::split});
    randomise(concat, c.source.random);
    for (const auto& [name, value] : concat.parameters()) assign(parameter_of(split, name), value);
    check_close(split.attention(c.x, c.context), concat.attention(c.x, c.context), 1e-13, "split");
}

BOOST_AUTO_TEST_CASE(forward_sums_with_these_coefficients) {
    // What forward gives is sum_j alpha_ij z_j, also while dropout is set, which only training draws.
    RandomCase c;
    c.options.attention_dropout = c.options.dropout = 0.5;
    GATConv gat(c.source.inputs(6), c.options);
    randomise(gat, c.source.random);
    const Numbers alpha = gat.attention(c.x, c.context).values<double>();
    const Numbers z = matmul(c.x, parameter_of(gat, "weight")).values<double>();
    const Numbers bias = parameter_of(gat, "bias").values<double>();
    const auto targets = c.graph.targets.index.values<std::int32_t>();
    const auto sources = c.graph.sources.index.values<std::int32_t>();
    Numbers expected(17 * 12);
    for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = bias[i % 12];
    for (std::size_t edge = 0; edge < targets.size(); ++edge)
        for (std::size_t k = 0; k < 12; ++k)
            expected[static_cast<std::size_t>(targets[edge]) * 12 + k] +=
                alpha[edge * 4 + k / 3] * z[static_cast<std::size_t>(sources[edge]) * 12 + k];
    check_close(run(gat, c.x, c.context), expected, 1e-12, "forward");
}

BOOST_AUTO_TEST_CASE(multi_head_has_a_column_of_each_of_its_layers) {
    for (const BackendPtr& backend : both_backends()) {
        HostRandom random(1);
        MultiHead layer(LayerInputs{1, backend, random, DType::f64},
                        {.out_features = 1, .heads = 2, .negative_slope = 0.5});
        const double ln2 = std::log(2.0);
        for (const auto& [head, sign] : {std::pair{"0.", 1.0}, std::pair{"1.", -1.0}}) {
            assign(parameter_of(layer, std::string(head) + "weight"), f64_on(backend, {1, 1}, {sign}));
            assign(parameter_of(layer, std::string(head) + "attention_source"), f64_on(backend, {1, 1}, {ln2}));
            assign(parameter_of(layer, std::string(head) + "attention_target"),
                   f64_on(backend, {1, 1}, {sign > 0 ? 1.0 : 0.0}));
        }
        const Graph graph = make_graph(backend, edges_by_hand, 3, DType::f64);
        check_close(layer.attention(f64_on(backend, {3, 1}, {2, 4, 6}), {.graph = &graph}), alpha_by_hand, 1e-14,
                    "multi_head");
    }
}

BOOST_AUTO_TEST_CASE(sparse_features_give_the_same_coefficients) {
    RandomCase c;
    GATConv gat(c.source.inputs(6), c.options);
    check_close(gat.attention(sparse_f64(c.x), c.context), gat.attention(c.x, c.context), 1e-14, "sparse");
}

BOOST_AUTO_TEST_CASE(without_a_graph_it_is_a_type_error) {
    RandomCase c;
    GATConv gat(c.source.inputs(6), c.options);
    expect_error<TypeError>([&] { gat.attention(c.x, {}); }, {"gat", "graph"});
}

BOOST_AUTO_TEST_SUITE_END()
