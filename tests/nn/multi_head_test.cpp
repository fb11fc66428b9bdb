#include "nn/layers/multi_head.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/nn/nn_fixture.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

BOOST_AUTO_TEST_SUITE(nn_multi_head)

BOOST_AUTO_TEST_CASE(multi_head_equals_one_layer_with_as_many_heads) {
    LayerSource source;
    const Graph graph = graph_f64(random_edges(40, 13, source.random), 13);
    const ForwardContext context{.graph = &graph};
    const Tensor x = random_f64({13, 5}, source.random);
    for (const HeadMerge merge : {HeadMerge::cat, HeadMerge::mean})
        for (const AttentionScores scores : {AttentionScores::concat, AttentionScores::split}) {
            const GatOptions options{.out_features = 3, .heads = 4, .merge = merge, .scores = scores};
            GATConv gat(source.inputs(5), options);
            MultiHead separate(source.inputs(5), options);
            randomise(gat, source.random);
            for (std::int64_t head = 0; head < 4; ++head) {
                const std::string prefix = std::to_string(head) + ".";
                const std::int64_t first = head * 3, last = first + 3;
                assign(parameter_of(separate, prefix + "weight"), narrow(parameter_of(gat, "weight"), 1, first, last));
                for (const char* name : {"attention_source", "attention_target"})
                    assign(parameter_of(separate, prefix + name), narrow(parameter_of(gat, name), 0, head, head + 1));
                const Tensor bias = parameter_of(gat, "bias");
                assign(parameter_of(separate, prefix + "bias"),
                       merge == HeadMerge::cat ? narrow(bias, 0, first, last) : bias);
            }
            check_close(run(separate, x, context), run(gat, x, context), 1e-13, "MultiHead");
        }
}

BOOST_AUTO_TEST_CASE(heads_of_multi_head_draw_their_own_dropout) {
    // Two heads with the same weights differ only by their masks.
    LayerSource source;
    MultiHead layer(source.inputs(8), {.out_features = 2, .heads = 2, .dropout = 0.5});
    for (const char* name : {"weight", "attention_source", "attention_target"})
        assign(parameter_of(layer, std::string("1.") + name), parameter_of(layer, std::string("0.") + name));
    const Graph graph = graph_f64({{0, 0}, {1, 1}}, 2);
    const Tensor x = random_f64({2, 8}, source.random);
    RandomStream stream(random_key(reference_backend(), 1, 1));
    const Tensor still = run(layer, x, {.graph = &graph});
    check_close(narrow(still, 1, 0, 2), narrow(still, 1, 2, 4), 0, "heads without dropout");
    const Tensor out = run(layer, x, {.graph = &graph, .training = true, .random = &stream});
    BOOST_CHECK(narrow(out, 1, 0, 2).values<double>() != narrow(out, 1, 2, 4).values<double>());
}

BOOST_AUTO_TEST_SUITE_END()
