// An extension as its author would write it: an op by composition and a layer that uses it.
#include <nlohmann/json.hpp>

#include "autograd/ops/activations.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/infer.hpp"
#include "autograd/samples.hpp"
#include "nn/extension.hpp"

namespace {

using namespace tapegrad;

class SwishLayer : public Module {
public:
    explicit SwishLayer(double beta) : beta_(beta) {}
    Value forward(const Value& x, const ForwardContext&) override {
        return apply_one(find_op("swish_extension"), {dense_input("swish_layer", x)}, {{"beta", beta_}});
    }

private:
    double beta_;
};

}  // namespace

extern "C" void tapegrad_extend(tapegrad::Registries& registries) {
    registries.register_op({
        .name = "swish_extension",
        .formula = "x * sigmoid(beta * x)",
        .inputs = {"x"},
        .attributes = {{"beta", 1.0}},
        .shapes = "x [...] -> [...]",
        .infer = infer_same,
        .compose = [](auto in, const Attributes& attributes) -> Tensors {
            return {in[0] * sigmoid(in[0] * attributes.real("beta"))};
        },
        .samples = [](SampleSource& source) -> std::vector<Sample> {
            return {{{source.normal({})}, {{"beta", 1.5}}}, {{source.normal({7, 3})}, {{"beta", -0.5}}}};
        },
    });
    registries.register_layer({
        "swish_layer",
        R"({"beta": {"type": "number", "default": 1, "description": "slope of the sigmoid"}})",
        [](const nlohmann::json& settings, const LayerInputs& inputs) -> BuiltLayer {
            return {std::make_shared<SwishLayer>(settings.at("beta").get<double>()), inputs.in_features};
        },
    });
}
