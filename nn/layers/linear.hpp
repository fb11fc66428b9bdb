// The affine map.
#pragma once

#include "nn/layer_registry.hpp"

namespace tapegrad {

/// y = x W + b with W [in_features, out_features]; x is dense [..., in_features] or sparse [N, in_features].
class Linear : public Module {
public:
    Linear(const LayerInputs& inputs, std::int64_t out_features, bool bias = true);
    Value forward(const Value& x, const ForwardContext& context) override;

private:
    Tensor weight_;
    Tensor bias_;
};

/// x W for a dense or a sparse x: matmul or spmm.
Tensor product(const Value& x, const Tensor& weight);

/// The schema of `out_features`, for the layer types that have it: a number, or "classes" for as many as the data set
/// has classes (whoever reads the config puts the number there before the layer is built).
std::string out_features_schema(const std::string& description);

std::vector<LayerType> linear_layers();

}  // namespace tapegrad
