// What holds for graph layers whatever the graph.
#include <boost/test/unit_test.hpp>

#include "nn/layers/gat_conv.hpp"
#include "nn/layers/gcn_conv.hpp"
#include "nn/layers/multi_head.hpp"
#include "tests/properties/graph_kinds.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

// Row i of x becomes row place[i].
Tensor permuted(const Tensor& x, const std::vector<std::int32_t>& place) {
    const auto width = static_cast<std::size_t>(x.shape()[1]);
    const std::vector<double> from = x.values<double>();
    std::vector<double> to(from.size());
    for (std::size_t i = 0; i < place.size(); ++i)
        std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(i * width), width,
                    to.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(place[i]) * width));
    return f64(x.shape(), to);
}

// Nodes get other numbers, and edges another order.
std::vector<Edge> renumbered(const std::vector<Edge>& edges, const std::vector<std::int32_t>& place,
                             const std::vector<std::int32_t>& order) {
    std::vector<Edge> result(edges.size());
    for (std::size_t e = 0; e < edges.size(); ++e)
        result[static_cast<std::size_t>(order[e])] = {place[static_cast<std::size_t>(edges[e].source)],
                                                      place[static_cast<std::size_t>(edges[e].target)]};
    return result;
}

GatOptions gat_with(std::int64_t heads, HeadMerge merge, AttentionScores scores = AttentionScores::split) {
    return {.out_features = 3, .heads = heads, .merge = merge, .scores = scores};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(properties_graph_layers)

BOOST_AUTO_TEST_CASE(permuting_nodes_and_edges_permutes_the_output) {
    HostRandom random(1);
    for (const GraphKind& kind : graph_kinds(random)) {
        const LayerInputs inputs{4, reference_backend(), random, DType::f64};
        const std::vector<std::shared_ptr<Module>> layers = {
            std::make_shared<GATConv>(inputs, gat_with(2, HeadMerge::cat)),
            std::make_shared<GATConv>(inputs, gat_with(3, HeadMerge::mean, AttentionScores::concat)),
            std::make_shared<GCNConv>(inputs, 3)};
        const Tensor x = random_f64({kind.nodes, 4}, random);
        const std::vector<std::int32_t> place = permutation(kind.nodes, random),
                                        order = permutation(static_cast<std::int64_t>(kind.edges.size()), random);
        const Graph graph = graph_f64(kind.edges, kind.nodes),
                    other = graph_f64(renumbered(kind.edges, place, order), kind.nodes);
        for (std::size_t l = 0; l < layers.size(); ++l) {
            randomise(*layers[l], random);
            const Tensor wanted = permuted(run(*layers[l], x, {.graph = &graph}), place);
            check_close(run(*layers[l], permuted(x, place), {.graph = &other}), wanted.values<double>(), 1e-12,
                        kind.name + ", layer " + std::to_string(l));
        }
    }
}

BOOST_AUTO_TEST_CASE(attention_into_a_node_sums_to_one) {
    HostRandom random(2);
    for (const GraphKind& kind : graph_kinds(random)) {
        const LayerInputs inputs{4, reference_backend(), random, DType::f64};
        GATConv gat(inputs, gat_with(2, HeadMerge::cat));
        randomise(gat, random);
        const Graph graph = graph_f64(kind.edges, kind.nodes);
        const std::vector<double> alpha =
            gat.attention(random_f64({kind.nodes, 4}, random), {.graph = &graph}).values<double>();
        // A graph may keep its edges in another order.
        const std::vector<std::int32_t> targets = graph.targets.index.values<std::int32_t>();
        std::vector<double> sums(static_cast<std::size_t>(2 * kind.nodes)), wanted(sums.size());
        for (std::size_t e = 0; e < targets.size(); ++e)
            for (std::size_t head = 0; head < 2; ++head) {
                const std::size_t at = 2 * static_cast<std::size_t>(targets[e]) + head;
                BOOST_TEST(alpha[2 * e + head] >= 0);
                sums[at] += alpha[2 * e + head];
                wanted[at] = 1;
            }
        check_close(sums, wanted, 1e-14, kind.name);
    }
}

BOOST_AUTO_TEST_CASE(the_heads_of_one_layer_are_layers_side_by_side_in_their_order) {
    HostRandom random(3);
    for (const GraphKind& kind : graph_kinds(random))
        for (const HeadMerge merge : {HeadMerge::cat, HeadMerge::mean}) {
            const LayerInputs inputs{4, reference_backend(), random, DType::f64};
            GatOptions options = gat_with(3, merge);
            options.bias = false;
            GATConv together(inputs, options);
            MultiHead apart(inputs, options);
            for (std::int64_t head = 0; head < 3; ++head) {
                const std::string name = std::to_string(head) + ".";
                assign(parameter_of(apart, name + "weight"),
                       narrow(parameter_of(together, "weight"), 1, 3 * head, 3 * head + 3));
                for (const char* const a : {"attention_source", "attention_target"})
                    assign(parameter_of(apart, name + a), narrow(parameter_of(together, a), 0, head, head + 1));
            }
            const Graph graph = graph_f64(kind.edges, kind.nodes);
            const Tensor x = random_f64({kind.nodes, 4}, random);
            check_close(run(apart, x, {.graph = &graph}), run(together, x, {.graph = &graph}).values<double>(), 1e-13,
                        kind.name);
        }
}

BOOST_AUTO_TEST_CASE(the_gradient_of_a_sum_over_edges_is_a_gather_and_the_other_way_round) {
    HostRandom random(4);
    for (const GraphKind& kind : graph_kinds(random)) {
        const Graph graph = graph_f64(kind.edges, kind.nodes);
        const auto edges = static_cast<std::int64_t>(kind.edges.size());
        const Tensor per_edge = random_f64({edges, 3}, random), per_node = random_f64({kind.nodes, 3}, random);
        Tape tape;
        tape.watch(per_edge);
        tape.watch(per_node);
        const Tensor loss = sum(scatter_sum(per_edge, graph.targets) * per_node.detach()) +
                            sum(gather(per_node, graph.targets) * per_edge.detach());
        const std::vector<Tensor> gradients = tape.gradient(loss, {per_edge, per_node});
        const std::vector<double> x = per_edge.values<double>(), y = per_node.values<double>();
        const std::vector<std::int32_t> targets = graph.targets.index.values<std::int32_t>();
        std::vector<double> of_edges(x.size()), of_nodes(y.size());
        for (std::size_t e = 0; e < targets.size(); ++e)
            for (std::size_t k = 0; k < 3; ++k) {
                const std::size_t at = 3 * static_cast<std::size_t>(targets[e]) + k;
                of_edges[3 * e + k] = y[at];
                of_nodes[at] += x[3 * e + k];
            }
        check_close(gradients[0], of_edges, 1e-14, kind.name);
        check_close(gradients[1], of_nodes, 1e-13, kind.name);
    }
}

BOOST_AUTO_TEST_SUITE_END()
