#include "nn/pyg_names.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include <boost/test/unit_test.hpp>

#include "nn/layers/gat_conv.hpp"
#include "nn/layers/multi_head.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/nn/nn_fixture.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;
using nlohmann::json;

namespace {

using Weights = std::vector<NamedTensor>;

const json one_gat = json::parse(R"([{"type": "gat"}])");
const json one_gcn = json::parse(R"([{"type": "gcn"}])");

// 2 features in, 2 heads of 2 features: column h * 2 + f of the weight is feature f of head h.
Weights gat_by_hand() {
    return {{"0.weight", f64({2, 4}, {1, 2, 3, 4, 5, 6, 7, 8})},
            {"0.attention_source", f64({2, 2}, {10, 11, 12, 13})},
            {"0.attention_target", f64({2, 2}, {20, 21, 22, 23})},
            {"0.bias", f64({4}, {30, 31, 32, 33})}};
}

Weights pyg_by_hand(const std::string& prefix = "conv1.") {
    return {{prefix + "lin.weight", f64({4, 2}, {1, 5, 2, 6, 3, 7, 4, 8})},
            {prefix + "att_src", f64({1, 2, 2}, {10, 11, 12, 13})},
            {prefix + "att_dst", f64({1, 2, 2}, {20, 21, 22, 23})},
            {prefix + "bias", f64({4}, {30, 31, 32, 33})}};
}

// The layers `first` and `second`, each with the one weight [1, 1].
Weights two_weights(const std::string& first, double value, const std::string& second, double other) {
    return {{first, f64({1, 1}, {value})}, {second, f64({1, 1}, {other})}};
}

void check_same(Weights actual, Weights expected) {
    std::ranges::sort(actual, {}, &NamedTensor::first);
    std::ranges::sort(expected, {}, &NamedTensor::first);
    BOOST_REQUIRE(actual.size() == expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i) {
        BOOST_TEST(actual[i].first == expected[i].first);
        check_close(actual[i].second, expected[i].second, 0, expected[i].first);
    }
}

Weights renamed(Weights tensors, const std::string& from, const std::string& to) {
    for (NamedTensor& tensor : tensors)
        if (tensor.first == from) tensor.first = to;
    return tensors;
}

Weights read(const json& layers, const Weights& parameters, const Weights& tensors) {
    return from_pyg(layers, parameters, tensors, "a.safetensors").tensors;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(nn_pyg_names)

BOOST_AUTO_TEST_CASE(a_gat_layer_becomes_a_gatconv) { check_same(to_pyg(one_gat, gat_by_hand()), pyg_by_hand()); }

BOOST_AUTO_TEST_CASE(a_gatconv_becomes_a_gat_layer_whatever_its_module_is_called) {
    for (const std::string prefix : {"conv1.", "convs.0.", "encoder.model.conv1.", "module_0.", ""})
        check_same(read(one_gat, gat_by_hand(), pyg_by_hand(prefix)), gat_by_hand());
}

BOOST_AUTO_TEST_CASE(names_of_older_versions_are_read) {
    const Weights pyg = pyg_by_hand("c.");
    Weights of_2_0 = renamed(pyg, "c.lin.weight", "c.lin_src.weight");
    check_same(read(one_gat, gat_by_hand(), of_2_0), gat_by_hand());
    of_2_0.emplace_back("c.lin_dst.weight", of_2_0[0].second);  // the same module under two names
    check_same(read(one_gat, gat_by_hand(), of_2_0), gat_by_hand());
    // What safetensors.torch.save_model leaves of the two.
    check_same(read(one_gat, gat_by_hand(), renamed(pyg, "c.lin.weight", "c.lin_dst.weight")), gat_by_hand());
    Weights of_1_6 = renamed(renamed(pyg, "c.att_src", "c.att_l"), "c.att_dst", "c.att_r");
    of_1_6 = renamed(of_1_6, "c.lin.weight", "c.lin_l.weight");
    of_1_6.emplace_back("c.lin_r.weight", pyg[0].second);
    check_same(read(one_gat, gat_by_hand(), of_1_6), gat_by_hand());
    // Before version 2 the weight of a GCNConv was not transposed.
    const Weights gcn{{"0.weight", f64({2, 1}, {3, 4})}};
    check_same(read(one_gcn, gcn, {{"c.weight", f64({2, 1}, {3, 4})}}), gcn);
}

BOOST_AUTO_TEST_CASE(a_gatconv_between_two_kinds_of_nodes_is_refused) {
    Weights pair = renamed(pyg_by_hand(), "conv1.lin.weight", "conv1.lin_src.weight");
    pair.emplace_back("conv1.lin_dst.weight", f64({4, 2}, {1, 5, 2, 6, 3, 7, 4, 9}));
    expect_error<DataError>([&] { read(one_gat, gat_by_hand(), pair); },
                            {"a.safetensors, module 'conv1.'", "both ends", "two that differ"});
}

BOOST_AUTO_TEST_CASE(convolutions_and_linear_layers_are_numbered_apart) {
    const json layers = json::parse(R"([{"type": "linear"}, {"type": "gcn"}, {"type": "relu"}, {"type": "gcn"},
                                        {"type": "linear"}])");
    const Weights ours{{"0.weight", f64({1, 2}, {1, 2})},           {"0.bias", f64({2}, {3, 4})},
                       {"1.weight", f64({2, 2}, {5, 6, 7, 8})},     {"1.bias", f64({2}, {9, 10})},
                       {"3.weight", f64({2, 2}, {11, 12, 13, 14})}, {"3.bias", f64({2}, {15, 16})},
                       {"4.weight", f64({2, 1}, {17, 18})},         {"4.bias", f64({1}, {19})}};
    const Weights pyg{{"lin1.weight", f64({2, 1}, {1, 2})},
                      {"lin1.bias", f64({2}, {3, 4})},
                      {"conv1.lin.weight", f64({2, 2}, {5, 7, 6, 8})},
                      {"conv1.bias", f64({2}, {9, 10})},
                      {"conv2.lin.weight", f64({2, 2}, {11, 13, 12, 14})},
                      {"conv2.bias", f64({2}, {15, 16})},
                      {"lin2.weight", f64({1, 2}, {17, 18})},
                      {"lin2.bias", f64({1}, {19})}};
    check_same(to_pyg(layers, ours), pyg);
    const PygWeights back = from_pyg(layers, ours, pyg, "a.safetensors");
    check_same(back.tensors, ours);
    const std::vector<PygMatch> matches{{"model.0 (linear)", "lin1"},
                                        {"model.1 (gcn)", "conv1"},
                                        {"model.3 (gcn)", "conv2"},
                                        {"model.4 (linear)", "lin2"}};
    BOOST_CHECK(back.matches == matches);
}

BOOST_AUTO_TEST_CASE(the_heads_of_multi_head_lie_side_by_side_in_one_gatconv) {
    // 2 features in, 2 heads of 1 feature.
    const json layers = json::parse(R"([{"type": "multi_head", "heads": 2, "merge": "cat"}])");
    const Weights ours{{"0.0.weight", f64({2, 1}, {1, 2})},        {"0.0.attention_source", f64({1, 1}, {3})},
                       {"0.0.attention_target", f64({1, 1}, {4})}, {"0.0.bias", f64({1}, {5})},
                       {"0.1.weight", f64({2, 1}, {6, 7})},        {"0.1.attention_source", f64({1, 1}, {8})},
                       {"0.1.attention_target", f64({1, 1}, {9})}, {"0.1.bias", f64({1}, {10})}};
    const Weights pyg{{"conv1.lin.weight", f64({2, 2}, {1, 2, 6, 7})},
                      {"conv1.att_src", f64({1, 2, 1}, {3, 8})},
                      {"conv1.att_dst", f64({1, 2, 1}, {4, 9})},
                      {"conv1.bias", f64({2}, {5, 10})}};
    check_same(to_pyg(layers, ours), pyg);
    check_same(read(layers, ours, pyg), ours);
}

BOOST_AUTO_TEST_CASE(each_head_of_multi_head_has_neighbouring_columns_of_one_gatconv) {
    // What gat_by_hand holds, one head after the other.
    const json layers = json::parse(R"([{"type": "multi_head", "heads": 2, "merge": "cat"}])");
    const Weights ours{{"0.0.weight", f64({2, 2}, {1, 2, 5, 6})},       {"0.0.attention_source", f64({1, 2}, {10, 11})},
                       {"0.0.attention_target", f64({1, 2}, {20, 21})}, {"0.0.bias", f64({2}, {30, 31})},
                       {"0.1.weight", f64({2, 2}, {3, 4, 7, 8})},       {"0.1.attention_source", f64({1, 2}, {12, 13})},
                       {"0.1.attention_target", f64({1, 2}, {22, 23})}, {"0.1.bias", f64({2}, {32, 33})}};
    check_same(to_pyg(layers, ours), pyg_by_hand());
    check_same(read(layers, ours, pyg_by_hand()), ours);
}

BOOST_AUTO_TEST_CASE(heads_that_are_averaged_share_the_mean_of_their_biases) {
    const json layers = json::parse(R"([{"type": "multi_head", "heads": 2, "merge": "mean"}])");
    Weights ours{{"0.0.weight", f64({1, 1}, {1})},           {"0.0.attention_source", f64({1, 1}, {2})},
                 {"0.0.attention_target", f64({1, 1}, {3})}, {"0.0.bias", f64({1}, {4})},
                 {"0.1.weight", f64({1, 1}, {5})},           {"0.1.attention_source", f64({1, 1}, {6})},
                 {"0.1.attention_target", f64({1, 1}, {7})}, {"0.1.bias", f64({1}, {9})}};
    const Weights pyg = to_pyg(layers, ours);
    BOOST_TEST(pyg.back().first == "conv1.bias");
    check_close(pyg.back().second, {6.5}, 0, "(4 + 9) / 2");
    const Weights back = read(layers, ours, pyg);
    ours[3].second = ours[7].second = f64({1}, {6.5});
    check_same(back, ours);
}

BOOST_AUTO_TEST_CASE(a_multi_head_layer_and_a_gat_layer_with_its_weights_from_pyg_give_the_same) {
    LayerSource source;
    const Graph graph = graph_f64(random_edges(40, 13, source.random), 13);
    const ForwardContext context{.graph = &graph};
    const Tensor x = random_f64({13, 5}, source.random);
    for (const HeadMerge merge : {HeadMerge::cat, HeadMerge::mean}) {
        const GatOptions options{.out_features = 3, .heads = 4, .merge = merge};
        MultiHead separate(source.inputs(5), options);
        GATConv gat(source.inputs(5), options);
        randomise(separate, source.random);
        const auto in_model = [](const Module& layer) {
            Weights parameters;
            for (const auto& [name, tensor] : layer.parameters()) parameters.emplace_back("0." + name, tensor);
            return parameters;
        };
        json layers = json::array({{{"type", "multi_head"}, {"heads", 4}}});
        layers[0]["merge"] = merge == HeadMerge::cat ? "cat" : "mean";
        const Weights pyg = to_pyg(layers, in_model(separate));
        assign_parameters(in_model(gat), read(one_gat, in_model(gat), pyg), "PyG");
        check_close(run(gat, x, context), run(separate, x, context), 1e-13, "by way of PyG");
    }
}

BOOST_AUTO_TEST_CASE(layers_of_one_shape_are_taken_in_the_order_of_their_numbers) {
    const json layers = json::parse(R"([{"type": "gcn"}, {"type": "gcn"}])");
    const Weights ours = two_weights("0.weight", 0, "1.weight", 0);
    // In a file that is sorted by name, 10 stands before 9.
    check_same(read(layers, ours, two_weights("convs.10.lin.weight", 10, "convs.9.lin.weight", 9)),
               two_weights("0.weight", 9, "1.weight", 10));
}

BOOST_AUTO_TEST_CASE(shapes_decide_where_the_names_are_in_another_order) {
    const json layers = json::parse(R"([{"type": "gcn"}, {"type": "gcn"}])");
    const Weights ours{{"0.weight", f64({3, 2}, {1, 2, 3, 4, 5, 6})}, {"1.weight", f64({2, 1}, {7, 8})}};
    check_same(
        read(layers, ours,
             {{"decoder.lin.weight", f64({1, 2}, {7, 8})}, {"encoder.lin.weight", f64({2, 3}, {1, 3, 5, 2, 4, 6})}}),
        ours);
}

BOOST_AUTO_TEST_CASE(a_linear_layer_named_lin_is_no_gcnconv) {
    // Both are a "lin.weight" within something.
    const json layers = json::parse(R"([{"type": "gcn"}, {"type": "linear"}])");
    const Weights ours = two_weights("0.weight", 0, "1.weight", 0);
    for (const std::string prefix : {"", "model.", "a.", "the_whole_of_a_model_with_a_long_name."})
        for (const std::string convolution : {"conv1", "z"})  // before "lin" and behind it
            check_same(
                read(layers, ours, two_weights(prefix + "lin.weight", 2, prefix + convolution + ".lin.weight", 1)),
                two_weights("0.weight", 1, "1.weight", 2));
}

BOOST_AUTO_TEST_CASE(biases_tell_a_linear_layer_named_lin_from_a_gcnconv_behind_it) {
    const json layers = json::parse(R"([{"type": "linear"}, {"type": "gcn"}])");
    const auto weights = [](const std::string& weight, const std::string& bias, double value) {
        return Weights{{weight, f64({1, 1}, {value})}, {bias, f64({1}, {value + 1})}};
    };
    const auto joined = [](Weights a, const Weights& b) {
        a.insert(a.end(), b.begin(), b.end());
        return a;
    };
    const Weights ours = joined(weights("0.weight", "0.bias", 10), weights("1.weight", "1.bias", 20));
    check_same(
        read(layers, ours, joined(weights("lin.weight", "lin.bias", 10), weights("net.lin.weight", "net.bias", 20))),
        ours);
    // As PyG 1.6 named a GCNConv, whose weight was not transposed.
    check_same(
        read(layers, ours, joined(weights("lin.weight", "lin.bias", 10), weights("conv.weight", "conv.bias", 20))),
        ours);
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_listed) {
    Weights narrow_head = pyg_by_hand();
    narrow_head[1].second = f64({1, 1, 4}, {10, 11, 12, 13});
    narrow_head.emplace_back("conv1.lin_edge.weight", f64({4, 1}, {0, 0, 0, 0}));
    expect_error<DataError>(
        [&] { read(one_gat, gat_by_hand(), narrow_head); },
        {"a.safetensors: expected weights of model.0 (gat) with lin.weight [4, 2], att_src [1, 2, 2], "
         "att_dst [1, 2, 2], bias [4]",
         "got tensors that fit no layer: conv1.att_dst [1, 2, 2], conv1.att_src [1, 1, 4], "
         "conv1.bias [4], conv1.lin.weight [4, 2], conv1.lin_edge.weight [4, 1]"});
    // A part that our layer lacks would change what the model computes.
    Weights residual = pyg_by_hand();
    residual.emplace_back("conv1.res.weight", f64({4, 2}, std::vector<double>(8)));
    expect_error<DataError>([&] { read(one_gat, gat_by_hand(), residual); },
                            {"expected no tensors besides those of the layers", "conv1.res.weight [4, 2]"});
    // A config without bias, weights with one; and the reverse.
    Weights without_bias = gat_by_hand();
    without_bias.pop_back();
    expect_error<DataError>([&] { read(one_gat, without_bias, pyg_by_hand()); }, {"conv1.bias [4]"});
    Weights pyg_without_bias = pyg_by_hand();
    pyg_without_bias.pop_back();
    expect_error<DataError>([&] { read(one_gat, gat_by_hand(), pyg_without_bias); }, {"model.0 (gat)", "bias [4]"});
    expect_error<DataError>([&] { read(one_gat, gat_by_hand(), {}); }, {"model.0 (gat)", "fit no layer: none"});
}

BOOST_AUTO_TEST_CASE(attention_of_another_kind_is_refused) {
    // GATv2Conv: one vector a head for both ends, and two projections with biases.
    const Tensor projection = pyg_by_hand()[0].second, vectors = pyg_by_hand()[1].second, bias = f64({4}, {0, 0, 0, 0});
    expect_error<DataError>(
        [&] {
            read(one_gat, gat_by_hand(),
                 {{"conv1.att", vectors},
                  {"conv1.bias", bias},
                  {"conv1.lin_l.bias", bias},
                  {"conv1.lin_l.weight", projection},
                  {"conv1.lin_r.bias", bias},
                  {"conv1.lin_r.weight", projection}});
        },
        {"model.0 (gat)", "conv1.att [1, 2, 2]"});
}

BOOST_AUTO_TEST_CASE(a_layer_that_pyg_does_not_have_is_refused) {
    const json layers = json::parse(R"([{"type": "tanh"}, {"type": "my_layer"}])");
    const Weights ours{{"1.scale", f64({1}, {1})}};
    expect_error<DataError>([&] { to_pyg(layers, ours); }, {"model.1 (my_layer)", "gat, multi_head, gcn or linear"});
    expect_error<DataError>([&] { read(layers, ours, {}); }, {"model.1 (my_layer)"});
}

BOOST_AUTO_TEST_SUITE_END()
