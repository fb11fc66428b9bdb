// Linear, dropout, activations, sequential, and what all modules share.
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "nn/layers/activation.hpp"
#include "nn/layers/dropout.hpp"
#include "nn/layers/linear.hpp"
#include "nn/layers/sequential.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/nn/nn_fixture.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;
using Numbers = std::vector<double>;

namespace {

// Two layers by hand: y = elu(x W0 + b0) W1.
struct Network {
    LayerSource source;
    std::shared_ptr<Linear> first = std::make_shared<Linear>(source.inputs(2), 3);
    std::shared_ptr<Linear> second = std::make_shared<Linear>(source.inputs(3), 1, false);
    Sequential model{{first, std::make_shared<Activation>("elu", [](const Tensor& x) { return elu(x); }), second}};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(nn_layers)

BOOST_AUTO_TEST_CASE(linear_is_x_times_weight_plus_bias) {
    LayerSource source;
    Linear layer(source.inputs(2), 3);
    assign(parameter_of(layer, "weight"), f64({2, 3}, {1, 2, 3, 4, 5, 6}));
    assign(parameter_of(layer, "bias"), f64({3}, {100, 200, 300}));
    const Tensor x = f64({3, 2}, {1, 0, 0, 2, -1, 1});
    const Numbers expected = {101, 202, 303, 108, 210, 312, 103, 203, 303};
    check_close(run(layer, x), expected, 0, "dense input");
    check_close(run(layer, sparse_f64(x)), expected, 0, "sparse input");
}

BOOST_AUTO_TEST_CASE(sequential_passes_values_on_and_names_parameters_by_position) {
    Network network;
    randomise(network.model, network.source.random);
    std::string names;
    for (const auto& [name, value] : network.model.parameters()) names += name + " ";
    BOOST_TEST(names == "0.weight 0.bias 2.weight ");
    const Tensor x = random_f64({4, 2}, network.source.random);
    const auto value = [&](const char* name) { return parameter_of(network.model, name); };
    const Tensor expected = matmul(elu(matmul(x, value("0.weight")) + value("0.bias")), value("2.weight"));
    check_close(run(network.model, x), expected, 1e-15, "output");
    check_close(run(network.model, sparse_f64(x)), expected, 1e-14, "output for sparse input");
}

BOOST_AUTO_TEST_CASE(parts_of_parts_are_named_with_dots) {
    Network network;
    const Sequential outer({std::make_shared<Dropout>(0.1), std::make_shared<Sequential>(network.model)});
    BOOST_TEST(outer.parameters()[2].first == "1.2.weight");
    BOOST_TEST(outer.parameters()[2].second.same(network.second->parameters()[0].second));
}

BOOST_AUTO_TEST_CASE(parameters_are_watched_and_assigning_to_them_changes_the_module) {
    Network network;
    const Tensor x = f64({1, 2}, {1, 1});
    Tape tape;
    tape.backward(sum(run(network.model, x)));
    for (const auto& [name, value] : network.model.parameters())
        BOOST_TEST(value.grad().defined(), name << " has no gradient");
    assign(parameter_of(network.model, "2.weight"), f64({3, 1}, {0, 0, 0}));
    BOOST_TEST(run(network.model, x).item() == 0);
}

BOOST_AUTO_TEST_CASE(dropout_keeps_or_scales_with_the_probability_drawn) {
    Dropout layer(0.25);
    const Tensor x = full(reference_backend(), {100, 100}, 3, DType::f64);
    RandomStream stream(random_key(reference_backend(), 1, 0));
    int kept = 0;
    for (const double value : run(layer, x, {.training = true, .random = &stream}).values<double>()) {
        BOOST_REQUIRE(value == 0 || value == 4);  // 3 / (1 - 0.25)
        kept += value == 4;
    }
    // 7500 expected, with a standard deviation of 43.
    BOOST_TEST(kept > 7500 - 5 * 43);
    BOOST_TEST(kept < 7500 + 5 * 43);
}

BOOST_AUTO_TEST_CASE(dropout_draws_the_same_mask_for_the_same_key_and_site_only) {
    Dropout layer(0.5);
    const Tensor x = full(reference_backend(), {64}, 1, DType::f64);
    const auto draw = [&](std::uint64_t seed, std::uint32_t step) {
        RandomStream stream(random_key(reference_backend(), seed, step));
        const ForwardContext context{.training = true, .random = &stream};
        const Numbers first = run(layer, x, context).values<double>();
        return std::pair(first, run(layer, x, context).values<double>());
    };
    BOOST_CHECK(draw(1, 2) == draw(1, 2));
    BOOST_CHECK(draw(1, 2).first != draw(1, 2).second);
    BOOST_CHECK(draw(1, 2).first != draw(2, 2).first);
    BOOST_CHECK(draw(1, 2).first != draw(1, 3).first);
}

BOOST_AUTO_TEST_CASE(dropout_is_the_identity_outside_training) {
    Dropout layer(0.5);
    const Tensor x = f64({2}, {1, 2});
    BOOST_TEST(run(layer, x).same(x));
    const SparseMatrix sparse = sparse_f64(f64({1, 2}, {0, 3}));
    BOOST_TEST(std::get<SparseMatrix>(layer.forward(sparse, {})).values.same(sparse.values));
}

BOOST_AUTO_TEST_CASE(dropout_of_a_sparse_matrix_drops_values_and_keeps_the_pattern) {
    Dropout layer(0.5);
    const SparseMatrix x = sparse_f64(full(reference_backend(), {8, 8}, 1, DType::f64));
    RandomStream stream(random_key(reference_backend(), 1, 0));
    const auto y = std::get<SparseMatrix>(layer.forward(x, {.training = true, .random = &stream}));
    BOOST_TEST(y.rows.index.same(x.rows.index));
    BOOST_TEST(y.columns.index.same(x.columns.index));
    RandomStream again(random_key(reference_backend(), 1, 0));
    check_close(y.values, dropout(x.values, 0.5, again.next()), 0, "values");
}

BOOST_AUTO_TEST_CASE(dropout_without_a_stream_says_what_to_set) {
    Dropout layer(0.5);
    expect_error<TypeError>([&] { run(layer, f64({1}, {1}), {.training = true}); },
                            {"layer dropout", "random stream", "ForwardContext::random"});
}

BOOST_AUTO_TEST_CASE(layers_for_dense_input_name_themselves_when_it_is_sparse) {
    const Value sparse = sparse_f64(f64({1, 2}, {1, 2}));
    for (const LayerType& type : activation_layers()) {
        LayerSource source;
        const nlohmann::json settings = {{"alpha", 1.0}, {"negative_slope", 0.1}};
        const BuiltLayer built = type.build(settings, source.inputs(2));
        expect_error<TypeError>([&] { built.module->forward(sparse, {}); },
                                {"layer " + type.name, "dense", "a sparse matrix"});
    }
}

BOOST_AUTO_TEST_SUITE_END()
