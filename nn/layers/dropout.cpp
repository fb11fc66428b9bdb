#include "nn/layers/dropout.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "autograd/ops/dropout.hpp"

namespace tapegrad {

Value Dropout::forward(const Value& x, const ForwardContext& context) {
    return apply_dropout("dropout", x, probability_, context);
}

Tensor apply_dropout(const std::string& layer, const Tensor& x, double probability, const ForwardContext& context) {
    if (!context.training || probability == 0) return x;
    return dropout(x, probability, random_site(layer, context));
}

Value apply_dropout(const std::string& layer, const Value& x, double probability, const ForwardContext& context) {
    if (const auto* sparse = std::get_if<SparseMatrix>(&x))
        return sparse->with_values(apply_dropout(layer, sparse->values, probability, context));
    return apply_dropout(layer, std::get<Tensor>(x), probability, context);
}

std::string dropout_schema(const std::string& description) {
    return fmt::format(
        R"({{"type": "number", "minimum": 0, "exclusiveMaximum": 1, "default": 0, "description": "{}"}})", description);
}

std::vector<LayerType> dropout_layers() {
    const std::string properties = R"({"p": {"type": "number", "minimum": 0, "exclusiveMaximum": 1, "default": 0.5,
                                             "description": "probability that an element is dropped"}})";
    const auto build = [](const nlohmann::json& settings, const LayerInputs& inputs) -> BuiltLayer {
        return {std::make_shared<Dropout>(settings.at("p").get<double>()), inputs.in_features};
    };
    return {
        {"dropout", properties, build, "while training, sets elements to 0 at random and divides the others by 1 - p"}};
}

}  // namespace tapegrad
