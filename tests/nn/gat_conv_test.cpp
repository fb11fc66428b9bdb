#include "nn/layers/gat_conv.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "tests/datasets/expect_error.hpp"
#include "tests/nn/nn_fixture.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

using Numbers = std::vector<double>;

double leaky(double x, double slope) { return x > 0 ? x : slope * x; }

// Equations 1 to 4 in plain loops over nodes, heads and edges, without any care for large scores.
Numbers gat_by_loops(const GATConv& gat, const GatOptions& options, const Tensor& x, const std::vector<Edge>& edges) {
    const auto nodes = static_cast<std::size_t>(x.shape()[0]), in = static_cast<std::size_t>(x.shape()[1]);
    const auto heads = static_cast<std::size_t>(options.heads),
               features = static_cast<std::size_t>(options.out_features);
    const std::size_t width = heads * features;
    const Numbers h = x.values<double>(), weight = parameter_of(gat, "weight").values<double>(),
                  a_source = parameter_of(gat, "attention_source").values<double>(),
                  a_target = parameter_of(gat, "attention_target").values<double>(),
                  bias = parameter_of(gat, "bias").values<double>();
    Numbers z(nodes * width), out(nodes * width);
    for (std::size_t i = 0; i < nodes; ++i)
        for (std::size_t c = 0; c < in; ++c)
            for (std::size_t k = 0; k < width; ++k) z[i * width + k] += h[i * in + c] * weight[c * width + k];
    for (std::size_t head = 0; head < heads; ++head) {
        Numbers weights, sum(nodes);
        for (const auto& [source, target] : edges) {
            double e = 0;
            for (std::size_t f = 0; f < features; ++f) {
                const std::size_t k = head * features + f;
                e += a_target[k] * z[static_cast<std::size_t>(target) * width + k] +
                     a_source[k] * z[static_cast<std::size_t>(source) * width + k];
            }
            weights.push_back(std::exp(leaky(e, options.negative_slope)));
            sum[static_cast<std::size_t>(target)] += weights.back();
        }
        for (std::size_t edge = 0; edge < edges.size(); ++edge) {
            const auto j = static_cast<std::size_t>(edges[edge].source),
                       i = static_cast<std::size_t>(edges[edge].target);
            for (std::size_t k = head * features; k < (head + 1) * features; ++k)
                out[i * width + k] += weights[edge] / sum[i] * z[j * width + k];
        }
    }
    Numbers merged(options.merge == HeadMerge::cat ? nodes * width : nodes * features);
    for (std::size_t i = 0; i < nodes; ++i)
        for (std::size_t k = 0; k < width; ++k) {
            if (options.merge == HeadMerge::cat)
                merged[i * width + k] = out[i * width + k] + bias[k];
            else
                merged[i * features + k % features] +=
                    (out[i * width + k] + bias[k % features]) / static_cast<double>(heads);
        }
    return merged;
}

struct Case {
    GatOptions options;
    std::vector<Edge> edges;
    Tensor x;
    std::uint64_t seed = 7;

    Graph graph() const { return graph_f64(edges, x.shape()[0]); }
    GATConv layer() const {
        LayerSource source(seed);
        GATConv gat(source.inputs(x.shape()[1]), options);
        randomise(gat, source.random);
        return gat;
    }
};

// 13 nodes, 40 edges: some double, some self loops, some nodes that hear nobody.
Case random_case(HeadMerge merge, AttentionScores scores) {
    HostRandom random(3);
    const std::vector<Edge> edges = random_edges(40, 13, random);
    return {{.out_features = 3, .heads = 4, .merge = merge, .scores = scores}, edges, random_f64({13, 5}, random)};
}

constexpr HeadMerge merges[] = {HeadMerge::cat, HeadMerge::mean};
constexpr AttentionScores both_scores[] = {AttentionScores::concat, AttentionScores::split};

void check_against_loops(const Case& c) {
    GATConv gat = c.layer();
    const Graph graph = c.graph();
    const ForwardContext context{.graph = &graph};
    check_close(run(gat, c.x, context), gat_by_loops(gat, c.options, c.x, c.edges), 1e-12, "GATConv");
}

// The output and the gradient of sum(out * weights) for every parameter and x.
std::vector<Tensor> outputs_and_gradients(const Case& c, bool training) {
    GATConv gat = c.layer();
    const Graph graph = c.graph();
    HostRandom random(11);
    RandomStream stream(random_key(reference_backend(), 1, 2));
    Tape tape;
    tape.watch(c.x);
    const Tensor out = run(gat, c.x, {.graph = &graph, .training = training, .random = &stream});
    std::vector<Tensor> wrt = {c.x};
    for (const auto& [name, value] : gat.parameters()) wrt.push_back(value);
    std::vector<Tensor> results = tape.gradient(sum(out * random_f64(out.shape(), random)), wrt);
    results.push_back(out);
    return results;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(nn_gat_conv)

// Velickovic et al. 2018, section 2.1: a negative slope of 0.2.
BOOST_AUTO_TEST_CASE(options_that_are_not_given_are_those_of_the_paper_without_dropout) {
    const GatOptions options;
    BOOST_TEST(options.negative_slope == 0.2);
    BOOST_TEST(options.dropout == 0);
    BOOST_TEST(options.attention_dropout == 0);
    BOOST_TEST(options.feature_dropout == 0);
    BOOST_TEST(options.bias);
}

BOOST_AUTO_TEST_CASE(both_scores_and_merges_agree_with_plain_loops) {
    for (const HeadMerge merge : merges)
        for (const AttentionScores scores : both_scores) check_against_loops(random_case(merge, scores));
}

BOOST_AUTO_TEST_CASE(concat_equals_split_in_output_and_all_gradients) {
    for (const HeadMerge merge : merges)
        for (const bool dropout : {false, true}) {
            Case concat = random_case(merge, AttentionScores::concat);
            if (dropout)
                concat.options.dropout = concat.options.attention_dropout = concat.options.feature_dropout = 0.4;
            Case split = concat;
            split.options.scores = AttentionScores::split;
            const std::vector<Tensor> expected = outputs_and_gradients(concat, dropout);
            const std::vector<Tensor> actual = outputs_and_gradients(split, dropout);
            BOOST_REQUIRE(actual.size() == 6);
            for (std::size_t i = 0; i < actual.size(); ++i)
                check_close(actual[i], expected[i], 1e-12, "gradient or output " + std::to_string(i));
        }
}

BOOST_AUTO_TEST_CASE(isolated_node_gets_zeros_and_the_bias) {
    for (const AttentionScores scores : both_scores) {
        Case c = random_case(HeadMerge::cat, scores);
        std::erase_if(c.edges, [](const Edge& edge) { return edge.target == 6; });
        GATConv gat = c.layer();
        const Graph graph = c.graph();
        const Tensor row = narrow(run(gat, c.x, {.graph = &graph}), 0, 6, 7);
        check_close(row, parameter_of(gat, "bias").values<double>(), 0, "the row of node 6");
    }
}

BOOST_AUTO_TEST_CASE(without_edges_every_node_gets_the_bias_and_gradients_are_zeros) {
    for (const AttentionScores scores : both_scores) {
        Case c = random_case(HeadMerge::mean, scores);
        c.edges.clear();
        const std::vector<Tensor> results = outputs_and_gradients(c, false);
        const Tensor bias = parameter_of(c.layer(), "bias");
        check_close(results.back(), expand(bias, {13, 3}), 0, "output");
        for (std::size_t i = 0; i < 4; ++i) check_close(results[i], zeros_like(results[i]), 0, "gradient");
    }
}

BOOST_AUTO_TEST_CASE(a_double_edge_counts_twice) {
    // With equal scores (attention vectors of zeros), node 0 takes a third from node 1 and two thirds from node 2.
    for (const AttentionScores scores : both_scores) {
        LayerSource source;
        GATConv gat(source.inputs(1), {.scores = scores});
        assign(parameter_of(gat, "weight"), f64({1, 1}, {1}));
        for (const char* name : {"attention_source", "attention_target"})
            assign(parameter_of(gat, name), f64({1, 1}, {0}));
        const Graph graph = graph_f64({{1, 0}, {2, 0}, {2, 0}}, 3);
        check_close(run(gat, f64({3, 1}, {0, 3, 6}), {.graph = &graph}), {5, 0, 0}, 1e-15, "output");
    }
}

BOOST_AUTO_TEST_CASE(a_self_loop_in_the_data_stays_one_edge) {
    // A node that hears only itself gets its own z, whatever the score.
    for (const AttentionScores scores : both_scores) {
        Case c = random_case(HeadMerge::cat, scores);
        c.edges = {{4, 4}, {0, 1}, {1, 1}};
        check_against_loops(c);
        GATConv gat = c.layer();
        const Graph graph = c.graph();
        const Tensor z = matmul(c.x, parameter_of(gat, "weight")) + parameter_of(gat, "bias");
        check_close(narrow(run(gat, c.x, {.graph = &graph}), 0, 4, 5), narrow(z, 0, 4, 5), 1e-14, "node 4");
    }
}

BOOST_AUTO_TEST_CASE(the_softmax_survives_huge_scores) {
    // The scores of node 0 are 1e30 and 2e30: all the weight goes to the larger one, node 2.
    for (const AttentionScores scores : both_scores) {
        LayerSource source;
        GATConv gat(source.inputs(1), {.scores = scores});
        assign(parameter_of(gat, "weight"), f64({1, 1}, {1}));
        assign(parameter_of(gat, "attention_source"), f64({1, 1}, {1e30}));
        assign(parameter_of(gat, "attention_target"), f64({1, 1}, {-1e30}));
        const Graph graph = graph_f64({{1, 0}, {2, 0}, {0, 1}, {0, 2}}, 3);
        check_close(run(gat, f64({3, 1}, {0, 1, 2}), {.graph = &graph}), {2, 0, 0}, 0, "output");
    }
}

BOOST_AUTO_TEST_CASE(a_permutation_of_the_nodes_permutes_the_output) {
    for (const AttentionScores scores : both_scores) {
        const Case c = random_case(HeadMerge::cat, scores);
        Case permuted = c;
        const auto moved = [](std::int32_t node) { return (node * 5 + 2) % 13; };
        std::vector<std::int32_t> old_node(13);
        for (std::int32_t node = 0; node < 13; ++node) old_node[static_cast<std::size_t>(moved(node))] = node;
        const Grouping permutation = make_grouping(reference_backend(), old_node, 13);
        for (Edge& edge : permuted.edges) edge = {moved(edge.source), moved(edge.target)};
        std::ranges::reverse(permuted.edges);
        permuted.x = gather(c.x, permutation);
        GATConv gat = c.layer();
        const Graph graph = c.graph(), permuted_graph = permuted.graph();
        const Tensor expected = gather(run(gat, c.x, {.graph = &graph}), permutation);
        check_close(run(gat, permuted.x, {.graph = &permuted_graph}), expected, 1e-13, "output");
    }
}

BOOST_AUTO_TEST_CASE(parameters_have_the_documented_names_and_shapes) {
    LayerSource source;
    const auto shapes = [&](const GatOptions& options) {
        std::string text;
        for (const auto& [name, value] : GATConv(source.inputs(5), options).parameters())
            text += name + to_string(value.shape()) + " ";
        return text;
    };
    BOOST_TEST(shapes({.out_features = 3, .heads = 4}) ==
               "weight[5, 12] attention_source[4, 3] attention_target[4, 3] bias[12] ");
    BOOST_TEST(shapes({.out_features = 3, .heads = 4, .merge = HeadMerge::mean}) ==
               "weight[5, 12] attention_source[4, 3] attention_target[4, 3] bias[3] ");
    BOOST_TEST(shapes({.out_features = 3, .bias = false}) ==
               "weight[5, 3] attention_source[1, 3] attention_target[1, 3] ");
}

BOOST_AUTO_TEST_CASE(each_head_starts_with_its_own_glorot_limits) {
    LayerSource source;
    const GATConv gat(source.inputs(50), {.out_features = 10, .heads = 8});
    const auto largest = [&](const char* name) {
        double value = 0;
        for (const double x : parameter_of(gat, name).values<double>()) value = std::max(value, std::abs(x));
        return value;
    };
    // sqrt(6 / (50 + 10)) for 4000 draws, sqrt(6 / (10 + 1)) for 80.
    BOOST_TEST(largest("weight") <= std::sqrt(0.1));
    BOOST_TEST(largest("weight") > 0.99 * std::sqrt(0.1));
    BOOST_TEST(largest("attention_source") <= std::sqrt(6.0 / 11));
    BOOST_TEST(largest("attention_target") > 0.8 * std::sqrt(6.0 / 11));
    BOOST_TEST(largest("bias") == 0);
}

BOOST_AUTO_TEST_CASE(a_missing_or_wrong_context_is_an_error_that_names_the_layer) {
    LayerSource source;
    GATConv gat(source.inputs(2), {.out_features = 2, .attention_dropout = 0.5});
    const Tensor x = f64({2, 2}, {1, 2, 3, 4});
    const Graph graph = graph_f64({{0, 1}}, 2), larger = graph_f64({{0, 1}}, 3);
    expect_error<TypeError>([&] { run(gat, x); }, {"layer gat", "a graph in the context"});
    expect_error<TypeError>([&] { run(gat, x, {.graph = &graph, .training = true}); }, {"layer gat", "random"});
    expect_error<ShapeError>([&] { run(gat, x, {.graph = &larger}); }, {"graph_attention", "[2, 1, 2]"});
    expect_error<ShapeError>(
        [&] {
            run(gat, f64({2, 3}, {1, 2, 3, 4, 5, 6}), {.graph = &graph});
        },
        {"matmul", "[2, 3]", "[2, 2]"});
}

BOOST_AUTO_TEST_SUITE_END()
