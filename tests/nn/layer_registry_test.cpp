#include "nn/layer_registry.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "tests/datasets/expect_error.hpp"
#include "tests/nn/nn_fixture.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

// Every default of a layer type, and 6 for the one setting that has none.
nlohmann::json default_settings(const LayerType& type) {
    nlohmann::json settings = nlohmann::json::object();
    const nlohmann::json properties = nlohmann::json::parse(type.properties);
    for (const auto& [name, schema] : properties.items())
        settings[name] = schema.contains("default") ? schema["default"] : nlohmann::json(6);
    return settings;
}

LayerType find(const std::string& name) {
    for (const LayerType& type : layer_types())
        if (type.name == name) return type;
    throw std::runtime_error("there is no layer type " + name);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(nn_layer_registry)

BOOST_AUTO_TEST_CASE(all_built_in_types_are_there) {
    for (const char* name :
         {"linear", "dropout", "elu", "relu", "leaky_relu", "tanh", "sigmoid", "gat", "multi_head", "gcn"})
        BOOST_CHECK_NO_THROW(find(name));
}

BOOST_AUTO_TEST_CASE(every_setting_says_what_it_is_and_only_out_features_has_no_default) {
    for (const LayerType& type : layer_types()) {
        const nlohmann::json properties = nlohmann::json::parse(type.properties);
        for (const auto& [name, schema] : properties.items()) {
            BOOST_TEST(schema.contains("type"), type.name << "." << name << " has no type");
            BOOST_TEST(schema.contains("description"), type.name << "." << name << " has no description");
            BOOST_TEST(schema.contains("default") == (name != "out_features"), type.name << "." << name);
        }
    }
}

BOOST_AUTO_TEST_CASE(every_type_builds_from_its_defaults_and_gives_out_the_width_it_says) {
    const Graph graph = graph_f64({{0, 1}, {2, 1}}, 3);
    for (const LayerType& type : layer_types()) {
        LayerSource source;
        const BuiltLayer built = type.build(default_settings(type), source.inputs(4));
        const Tensor y = run(*built.module, random_f64({3, 4}, source.random), {.graph = &graph});
        BOOST_TEST((y.shape() == Shape{3, built.out_features}),
                   type.name << " gives out " << to_string(y.shape()) << ", said width " << built.out_features);
    }
}

BOOST_AUTO_TEST_CASE(settings_reach_the_attention_layers) {
    for (const char* name : {"gat", "multi_head"}) {
        LayerSource source;
        const LayerType type = find(name);
        nlohmann::json settings = default_settings(type);
        settings["heads"] = 3;
        BOOST_TEST(type.build(settings, source.inputs(4)).out_features == 18);
        settings["merge"] = "mean";
        settings["bias"] = false;
        const BuiltLayer built = type.build(settings, source.inputs(4));
        BOOST_TEST(built.out_features == 6);
        for (const auto& [parameter, value] : built.module->parameters())
            BOOST_TEST(parameter.find("bias") == std::string::npos, name << " has " << parameter);
        // With every value dropped nothing is left.
        const Graph graph = graph_f64({{0, 1}, {1, 0}}, 2);
        for (const char* dropout : {"dropout", "attention_dropout", "feature_dropout"}) {
            nlohmann::json all_dropped = settings;
            all_dropped[dropout] = 1.0;
            RandomStream stream(random_key(reference_backend(), 1, 1));
            const Tensor y = run(*type.build(all_dropped, source.inputs(2)).module, f64({2, 2}, {1, 2, 3, 4}),
                                 {.graph = &graph, .training = true, .random = &stream});
            check_close(y, std::vector<double>(12), 0, dropout);
        }
    }
}

BOOST_AUTO_TEST_CASE(scores_and_negative_slope_reach_the_attention_layer) {
    const LayerType gat = find("gat");
    LayerSource source;
    nlohmann::json settings = default_settings(gat);
    settings["scores"] = "concat";
    settings["negative_slope"] = 1.0;
    const BuiltLayer built = gat.build(settings, source.inputs(2));
    // Slope 1 makes scores linear: the target's part is the same for all its neighbours and cancels in the softmax.
    const Graph graph = graph_f64({{0, 1}, {1, 1}, {2, 1}}, 3);
    const Tensor x = random_f64({3, 2}, source.random), before = run(*built.module, x, {.graph = &graph});
    assign(parameter_of(*built.module, "attention_target"), random_f64({1, 6}, source.random));
    check_close(run(*built.module, x, {.graph = &graph}), before, 1e-13, "output");
    // Only the concat scores gather both ends of each edge as features.
    Tape tape;
    run(*built.module, x, {.graph = &graph});
    const auto is_attention = [](const TapeNode& node) { return node.op->name == "graph_attention"; };
    BOOST_TEST(std::ranges::none_of(tape.nodes(), is_attention), "concat scores ran as graph_attention");
}

BOOST_AUTO_TEST_CASE(split_scores_make_no_array_of_edges_times_features) {
    const LayerType gat = find("gat");
    LayerSource source;
    const BuiltLayer built = gat.build(default_settings(gat), source.inputs(2));
    const Graph graph = graph_f64(random_edges(50, 3, source.random), 3);
    Tape tape;
    run(*built.module, random_f64({3, 2}, source.random), {.graph = &graph});
    for (const TapeNode& node : tape.nodes())
        for (const TapeNode::Value& output : node.outputs)
            BOOST_TEST(element_count(output.spec.shape) < 50 * 6,
                       node.op->name << " makes " << to_string(output.spec.shape));
}

BOOST_AUTO_TEST_CASE(a_taken_name_or_properties_that_are_no_object_are_refused) {
    const auto build = [](const nlohmann::json&, const LayerInputs&) { return BuiltLayer{}; };
    expect_error<TypeError>([&] { register_layer({"gat", "{}", build}); }, {"register_layer", "'gat' again"});
    for (const char* properties : {"", "[]", "{\"a\": }"})
        expect_error<TypeError>(
            [&] {
                register_layer({"unheard_of", properties, build});
            },
            {"unheard_of", "JSON object"});
    for (const LayerType& type : layer_types()) BOOST_TEST(type.name != "unheard_of");
}

BOOST_AUTO_TEST_SUITE_END()
