// Attention heads as separate layers.
#pragma once

#include "nn/layers/gat_conv.hpp"

namespace tapegrad {

/// The equations of GATConv with a layer of its own for each head: the same result for the same weights, but every head
/// draws its own dropout and has its own bias [F]. Parameters are named by head: "0.weight" [in_features, F].
class MultiHead : public Module, public AttentionLayer {
public:
    MultiHead(const LayerInputs& inputs, const GatOptions& options);
    Value forward(const Value& x, const ForwardContext& context) override;
    Tensor attention(const Value& x, const ForwardContext& context) override;

private:
    HeadMerge merge_;
};

std::vector<LayerType> multi_head_layers();

}  // namespace tapegrad
