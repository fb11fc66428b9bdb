// cosine_gat_test LIBRARY: the layer on a graph of three nodes, against numbers worked by hand.
#include <cmath>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "autograd/ops/reduce.hpp"
#include "autograd/tape.hpp"
#include "backends/loader.hpp"
#include "nn/extension.hpp"

using namespace tapegrad;

namespace {

// Two heads that see the two features as they are. For the first, a cosine larger by a fifth doubles a coefficient; the
// second looks at no angle.
std::shared_ptr<Module> make_layer(const BackendPtr& backend) {
    HostRandom random(0);
    const LayerType type = layer_types().back();
    const nlohmann::json settings{{"out_features", 2}, {"heads", 2}, {"dropout", 0}, {"attention_dropout", 0}};
    const std::shared_ptr<Module> layer = type.build(settings, {2, backend, random, DType::f64}).module;
    const std::vector<NamedParameter> parameters = layer->parameters();  // weight, beta, bias
    assign(parameters[0].second, from_values(backend, {2, 4}, std::vector<double>{1, 0, 1, 0, 0, 1, 0, 1}, DType::f64));
    assign(parameters[1].second, from_values(backend, {2}, std::vector{5 * std::log(2.0), 0.0}, DType::f64));
    assign(parameters[2].second, from_values(backend, {4}, std::vector<double>{0, 0, 0, 100}, DType::f64));
    return layer;
}

bool are_near(const Tensor& got, const std::vector<double>& expected) {
    const std::vector<double> values = got.values<double>();
    bool near = values.size() == expected.size();
    for (std::size_t i = 0; near && i < values.size(); ++i) near = std::abs(values[i] - expected[i]) < 1e-13;
    if (near) return true;
    for (std::size_t i = 0; i < values.size(); ++i)
        std::printf("got %.17g instead of %.17g\n", values[i], expected.at(i));
    return false;
}

}  // namespace

int main(int, char** arguments) {
    load_extension(arguments[1]);
    const BackendPtr backend = open_backend("reference");
    // Edges into node 0 from itself and nodes 1 and 2, into node 1 from itself and node 3, which has no direction.
    const std::vector<Edge> edges{{0, 0}, {1, 0}, {2, 0}, {1, 1}, {3, 1}};
    const Graph graph = make_graph(backend, edges, 4, DType::f64);
    const Tensor x = from_values(backend, {4, 2}, std::vector<double>{1, 0, 0, 1, 3, 4, 0, 0}, DType::f64);
    const std::shared_ptr<Module> layer = make_layer(backend);

    Tape tape;
    const Tensor h = std::get<Tensor>(layer->forward(x, {.graph = &graph}));
    tape.backward(sum(h));

    // Into node 0, cosines 1, 0 and 3/5 make 2^5, 1 and 2^3, of 41 in all; into node 1, 1 and 0 make 2^5 and 1, of 33.
    bool passed = are_near(h, {56.0 / 41, 33.0 / 41, 4.0 / 3, 5.0 / 3 + 100,  // node 0
                               0, 32.0 / 33, 0, 1.0 / 2 + 100,                // node 1
                               0, 0, 0, 100, 0, 0, 0, 100});                  // without edges, the bias alone
    // The slope of sum_j alpha_j s_j for beta is the covariance of the cosines and s; here s_j is the sum of z_j.
    const double node_0 = (32 * 1 + 8 * 0.6 * 7) / 41 - (32 + 8 * 0.6) / 41 * (32 + 1 + 8 * 7) / 41;
    const double node_1 = 32.0 / 33 - (32.0 / 33) * (32.0 / 33);
    const double other_head = (1 + 0.6 * 7) / 3 - (1 + 0.6) / 3 * (1 + 1 + 7) / 3 + 1.0 / 2 - 1.0 / 4;
    passed &= are_near(layer->parameters()[1].second.grad(), {node_0 + node_1, other_head});
    return passed ? 0 : 1;
}
