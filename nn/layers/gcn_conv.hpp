// The graph convolution of Kipf and Welling, "Semi-Supervised Classification with Graph Convolutional Networks", ICLR
// 2017.
#pragma once

#include "nn/layer_registry.hpp"

namespace tapegrad {

/// Equation 2 there without its nonlinearity, plus a bias: D^-1/2 (A + I) D^-1/2 H W + b. H is dense or sparse [N,
/// in_features], W is [in_features, out_features]; the matrix before H is the graph's normalised_adjacency.
class GCNConv : public Module {
public:
    GCNConv(const LayerInputs& inputs, std::int64_t out_features, bool bias = true);
    Value forward(const Value& x, const ForwardContext& context) override;

private:
    Tensor weight_;
    Tensor bias_;
};

std::vector<LayerType> gcn_layers();

}  // namespace tapegrad
