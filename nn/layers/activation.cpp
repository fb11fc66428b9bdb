#include "nn/layers/activation.hpp"

#include <nlohmann/json.hpp>

#include "autograd/ops/activations.hpp"
#include "autograd/ops/functions.hpp"

namespace tapegrad {

namespace {

using MakeFunction = std::function<Activation::Function(const nlohmann::json& settings)>;

LayerType activation(const std::string& name, const std::string& properties, const MakeFunction& make,
                     const std::string& description) {
    const auto build = [=](const nlohmann::json& settings, const LayerInputs& inputs) -> BuiltLayer {
        return {std::make_shared<Activation>(name, make(settings)), inputs.in_features};
    };
    return {name, properties, build, description};
}

LayerType activation_without_settings(const std::string& name, const Activation::Function& function,
                                      const std::string& description) {
    return activation(
        name, "{}", [=](const nlohmann::json&) { return function; }, description);
}

}  // namespace

std::vector<LayerType> activation_layers() {
    const std::string elu_properties = R"({"alpha": {"type": "number", "exclusiveMinimum": 0, "default": 1,
                                                     "description": "minus the limit for x to minus infinity"}})";
    const std::string leaky_relu_properties = R"({"negative_slope": {"type": "number", "minimum": 0, "default": 0.01,
                                                                     "description": "slope below 0"}})";
    const auto make_elu = [](const nlohmann::json& settings) -> Activation::Function {
        return [alpha = settings.at("alpha").get<double>()](const Tensor& x) { return elu(x, alpha); };
    };
    const auto make_leaky_relu = [](const nlohmann::json& settings) -> Activation::Function {
        return [slope = settings.at("negative_slope").get<double>()](const Tensor& x) { return leaky_relu(x, slope); };
    };
    return {
        activation("elu", elu_properties, make_elu, "x where x > 0, alpha (exp(x) - 1) elsewhere"),
        activation("leaky_relu", leaky_relu_properties, make_leaky_relu, "x where x > 0, negative_slope x elsewhere"),
        activation_without_settings("relu", relu, "the larger of x and 0"),
        activation_without_settings("sigmoid", sigmoid, "1 / (1 + exp(-x))"),
        activation_without_settings(
            "tanh", [](const Tensor& x) { return tanh(x); }, "the hyperbolic tangent"),
    };
}

}  // namespace tapegrad
