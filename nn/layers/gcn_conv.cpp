#include "nn/layers/gcn_conv.hpp"

#include <nlohmann/json.hpp>

#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/sparse_ops.hpp"
#include "nn/init.hpp"
#include "nn/layers/linear.hpp"

namespace tapegrad {

GCNConv::GCNConv(const LayerInputs& inputs, std::int64_t out_features, bool bias) {
    const Fans fans{inputs.in_features, out_features};
    weight_ = add_parameter("weight", glorot_uniform({inputs.in_features, out_features}, fans, inputs));
    if (bias) bias_ = add_parameter("bias", zeros({out_features}, inputs));
}

Value GCNConv::forward(const Value& x, const ForwardContext& context) {
    const Tensor y = spmm(graph_of("gcn", context).normalised_adjacency(), product(x, weight_));
    return bias_.defined() ? add_bias(y, bias_) : y;
}

std::vector<LayerType> gcn_layers() {
    const auto build = [](const nlohmann::json& settings, const LayerInputs& inputs) -> BuiltLayer {
        const std::int64_t out_features = settings.at("out_features");
        return {std::make_shared<GCNConv>(inputs, out_features, settings.at("bias").get<bool>()), out_features};
    };
    return {{"gcn", linear_layers()[0].properties, build,
             "graph convolution (Kipf and Welling 2017): the sum over the neighbours, with symmetric normalisation"}};
}

}  // namespace tapegrad
