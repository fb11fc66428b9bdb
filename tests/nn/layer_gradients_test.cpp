// The gradients of whole layers against central differences, in f64.
#include <boost/test/unit_test.hpp>
#include <functional>
#include <nlohmann/json.hpp>

#include "nn/layers/activation.hpp"
#include "nn/layers/dropout.hpp"
#include "nn/layers/gat_conv.hpp"
#include "nn/layers/gcn_conv.hpp"
#include "nn/layers/linear.hpp"
#include "nn/layers/multi_head.hpp"
#include "nn/layers/sequential.hpp"
#include "nn/losses.hpp"
#include "tests/nn/nn_fixture.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

constexpr std::int64_t node_count = 9, in_features = 4;

const Graph& graph() {
    static const Graph made = [] {
        HostRandom random(17);
        return graph_f64(random_edges(25, node_count, random), node_count);
    }();
    return made;
}

// The derivative of `loss` with respect to every element of x.
Tensor central_differences(const Tensor& x, const std::function<double()>& loss) {
    constexpr double step = 1e-5;
    const std::vector<double> values = x.values<double>();
    std::vector<double> derivatives;
    const auto loss_with = [&](std::size_t i, double value) {
        std::vector<double> changed = values;
        changed[i] = value;
        assign(x, f64(x.shape(), changed));
        return loss();
    };
    for (std::size_t i = 0; i < values.size(); ++i)
        derivatives.push_back((loss_with(i, values[i] + step) - loss_with(i, values[i] - step)) / (2 * step));
    assign(x, f64(x.shape(), values));
    return f64(x.shape(), derivatives);
}

// Checks the gradients of a loss of the module's output for its parameters and for `x_values`, the elements that x
// holds.
void check_gradients(Module& module, const Value& x, const Tensor& x_values) {
    HostRandom random(5);
    randomise(module, random);
    const auto loss = [&] {
        RandomStream stream(random_key(reference_backend(), 3, 4));
        const Tensor out = run(module, x, {.graph = &graph(), .training = true, .random = &stream});
        HostRandom weights(6);
        return sum(out * out * random_f64(out.shape(), weights));
    };
    std::vector<NamedParameter> checked = module.parameters();
    checked.emplace_back("x", x_values);
    std::vector<Tensor> tensors;
    for (const auto& [name, tensor] : checked) tensors.push_back(tensor);
    Tape tape;
    tape.watch(x_values);
    const std::vector<Tensor> gradients = tape.gradient(loss(), tensors);
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const Tensor expected = central_differences(tensors[i], [&] { return loss().item(); });
        check_close(gradients[i], expected, 1e-6, "gradient of " + checked[i].first);
    }
}

void check_dense(Module& module) {
    HostRandom random(2);
    const Tensor x = random_f64({node_count, in_features}, random);
    check_gradients(module, x, x);
}

void check_sparse(Module& module) {
    HostRandom random(2);
    const SparseMatrix x = sparse_f64(relu(random_f64({node_count, in_features}, random)));
    check_gradients(module, x, x.values);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(nn_layer_gradients)

BOOST_AUTO_TEST_CASE(linear_on_dense_and_sparse_input) {
    LayerSource source;
    Linear layer(source.inputs(in_features), 3);
    check_dense(layer);
    check_sparse(layer);
}

BOOST_AUTO_TEST_CASE(dropout_on_dense_and_sparse_input) {
    LayerSource source;
    Sequential layers({std::make_shared<Dropout>(0.5), std::make_shared<Linear>(source.inputs(in_features), 3)});
    check_dense(layers);
    check_sparse(layers);
}

BOOST_AUTO_TEST_CASE(gat_with_both_scores_and_merges_and_all_dropouts) {
    for (const AttentionScores scores : {AttentionScores::concat, AttentionScores::split})
        for (const HeadMerge merge : {HeadMerge::cat, HeadMerge::mean})
            for (const double p : {0.0, 0.3}) {
                LayerSource source;
                GATConv layer(source.inputs(in_features), {.out_features = 2,
                                                           .heads = 3,
                                                           .merge = merge,
                                                           .scores = scores,
                                                           .dropout = p,
                                                           .attention_dropout = p,
                                                           .feature_dropout = p});
                check_dense(layer);
                check_sparse(layer);
            }
}

BOOST_AUTO_TEST_CASE(multi_head_with_both_merges) {
    for (const HeadMerge merge : {HeadMerge::cat, HeadMerge::mean}) {
        LayerSource source;
        MultiHead layer(source.inputs(in_features), {.out_features = 2, .heads = 2, .merge = merge});
        check_dense(layer);
    }
}

BOOST_AUTO_TEST_CASE(gcn_on_dense_and_sparse_input) {
    LayerSource source;
    GCNConv layer(source.inputs(in_features), 3);
    check_dense(layer);
    check_sparse(layer);
}

BOOST_AUTO_TEST_CASE(every_activation_layer) {
    for (const LayerType& type : activation_layers()) {
        LayerSource source;
        const nlohmann::json settings = {{"alpha", 0.7}, {"negative_slope", 0.3}};
        check_dense(*type.build(settings, source.inputs(in_features)).module);
    }
}

BOOST_AUTO_TEST_CASE(two_attention_layers_with_elu_between) {
    LayerSource source;
    Sequential model({
        std::make_shared<GATConv>(source.inputs(in_features),
                                  GatOptions{.out_features = 2, .heads = 2, .dropout = 0.3}),
        std::make_shared<Activation>("elu", [](const Tensor& x) { return elu(x); }),
        std::make_shared<GATConv>(source.inputs(4), GatOptions{.out_features = 3, .attention_dropout = 0.3}),
    });
    check_sparse(model);
}

BOOST_AUTO_TEST_CASE(cross_entropy_of_some_rows) {
    HostRandom random(8);
    const Tensor logits = random_f64({5, 3}, random);
    const std::vector<std::int32_t> rows = {4, 0, 1}, labels = {2, 0, -1, -1, 1};
    const LabelledRows labelled = make_labelled_rows(reference_backend(), rows, labels, 3);
    Tape tape;
    tape.watch(logits);
    const std::vector<Tensor> gradients = tape.gradient(cross_entropy(logits, labelled), {logits});
    check_close(gradients[0], central_differences(logits, [&] { return cross_entropy(logits, labelled).item(); }), 1e-6,
                "gradient of the logits");
    check_close(narrow(gradients[0], 0, 2, 4), std::vector<double>(6), 0, "gradient of rows that are not asked for");
}

BOOST_AUTO_TEST_SUITE_END()
