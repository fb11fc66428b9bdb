#include "nn/layers/linear.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/matmul.hpp"
#include "autograd/ops/sparse_ops.hpp"
#include "nn/init.hpp"

namespace tapegrad {

Linear::Linear(const LayerInputs& inputs, std::int64_t out_features, bool bias) {
    const Fans fans{inputs.in_features, out_features};
    weight_ = add_parameter("weight", glorot_uniform({inputs.in_features, out_features}, fans, inputs));
    if (bias) bias_ = add_parameter("bias", zeros({out_features}, inputs));
}

Value Linear::forward(const Value& x, const ForwardContext&) {
    const Tensor y = product(x, weight_);
    return bias_.defined() ? add_bias(y, bias_) : y;
}

Tensor product(const Value& x, const Tensor& weight) {
    if (const auto* sparse = std::get_if<SparseMatrix>(&x)) return spmm(*sparse, weight);
    return matmul(std::get<Tensor>(x), weight);
}

std::string out_features_schema(const std::string& description) {
    return fmt::format(
        R"({{"type": ["integer", "string"], "anyOf": [{{"type": "integer", "minimum": 1, "maximum": 65536}}, {{"const": "classes"}}],
                            "description": "{}; classes: as many as the data set has classes"}})",
        description);
}

std::vector<LayerType> linear_layers() {
    const std::string properties = R"({
        "out_features": )" + out_features_schema("how many numbers the layer gives out for a node") +
                                   R"(,
        "bias": {"type": "boolean", "default": true, "description": "add a trained vector to every row"}
    })";
    const auto build = [](const nlohmann::json& settings, const LayerInputs& inputs) -> BuiltLayer {
        const std::int64_t out_features = settings.at("out_features");
        return {std::make_shared<Linear>(inputs, out_features, settings.at("bias").get<bool>()), out_features};
    };
    return {{"linear", properties, build, "a product with a trained matrix, for each node on its own"}};
}

}  // namespace tapegrad
