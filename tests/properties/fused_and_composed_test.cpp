// A layer gives the same by kernels of its own, by compositions of the mandatory ones, and on the reference backend.
#include <boost/test/unit_test.hpp>

#include "nn/layers/gat_conv.hpp"
#include "nn/layers/gcn_conv.hpp"
#include "tests/properties/graph_kinds.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

// Every other op is composed.
struct MandatoryAlone : KernelWatch {
    bool offers(const KernelId& id, DType) override {
        return std::ranges::any_of(mandatory_kernels(),
                                   [&](const MandatoryKernel& kernel) { return id.name() == kernel.name; });
    }
    int run(const KernelId&, tg_kernel kernel, tg_context* context, tg_call& call) override {
        return kernel(context, &call);
    }
};

using Layer = std::shared_ptr<Module> (*)(const LayerInputs&);

// The output, and the gradients of the sum of its squares: of the features and of all parameters.
std::vector<double> output_and_gradients(const BackendPtr& backend, Layer make, const GraphKind& kind) {
    HostRandom random(3);
    const std::shared_ptr<Module> layer = make({4, backend, random, DType::f64});
    std::vector<double> numbers(static_cast<std::size_t>(4 * kind.nodes));
    for (double& number : numbers) number = random.normal();
    const Tensor x = from_values(backend, {kind.nodes, 4}, std::span<const double>(numbers), DType::f64);
    const Graph graph = make_graph(backend, kind.edges, kind.nodes, DType::f64);
    RandomStream stream(random_key(backend, 5, 1));
    Tape tape;
    tape.watch(x);
    const Tensor y = run(*layer, x, {.graph = &graph, .training = true, .random = &stream});
    std::vector<Tensor> sources = {x};
    for (const auto& [name, parameter] : layer->parameters()) sources.push_back(parameter);
    std::vector<double> all = y.values<double>();
    for (const Tensor& gradient : tape.gradient(sum(y * y), sources))
        for (const double value : gradient.values<double>()) all.push_back(value);
    return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(properties_fused_and_composed)

BOOST_AUTO_TEST_CASE(outputs_and_gradients_agree_on_every_kind_of_graph) {
    const Layer layers[] = {
        [](const LayerInputs& inputs) -> std::shared_ptr<Module> {
            return std::make_shared<GATConv>(
                inputs, GatOptions{.out_features = 3, .heads = 2, .dropout = 0.3, .attention_dropout = 0.4});
        },
        [](const LayerInputs& inputs) -> std::shared_ptr<Module> {
            return std::make_shared<GATConv>(
                inputs,
                GatOptions{.out_features = 5, .heads = 3, .merge = HeadMerge::mean, .scores = AttentionScores::concat});
        },
        [](const LayerInputs& inputs) -> std::shared_ptr<Module> { return std::make_shared<GCNConv>(inputs, 3); }};
    MandatoryAlone mandatory_alone;
    const std::vector<FoundPlugin> plugins = find_plugins();
    const auto simd = std::ranges::find_if(plugins, [](const FoundPlugin& found) { return found.name == "simd"; });
    BOOST_TEST_REQUIRE((simd != plugins.end() && simd->plugin != nullptr));
    const BackendPtr fused = Backend::open(*simd->plugin, 2),
                     composed = Backend::open(*simd->plugin, 2, &mandatory_alone), plain = open_backend("reference");
    for (const char* const name : {"graph_attention", "graph_attention_gradient", "spmm", "attention_scores"}) {
        BOOST_TEST(fused->kernel(KernelId(name), DType::f64) != nullptr, name);
        BOOST_TEST(composed->kernel(KernelId(name), DType::f64) == nullptr, name);
    }
    HostRandom random(2);
    for (const GraphKind& kind : graph_kinds(random))
        for (std::size_t l = 0; l < std::size(layers); ++l) {
            const std::string what = kind.name + ", layer " + std::to_string(l);
            const std::vector<double> wanted = output_and_gradients(plain, layers[l], kind);
            check_close(output_and_gradients(fused, layers[l], kind), wanted, 1e-11, what + ", fused");
            check_close(output_and_gradients(composed, layers[l], kind), wanted, 1e-11, what + ", composed");
        }
}

BOOST_AUTO_TEST_SUITE_END()
