// Dropout as a layer, and for layers that have it inside.
#pragma once

#include "nn/layer_registry.hpp"

namespace tapegrad {

/// Dropout while training, the identity otherwise. Of a sparse matrix it drops stored values; the pattern stays.
class Dropout : public Module {
public:
    explicit Dropout(double probability) : probability_(probability) {}
    Value forward(const Value& x, const ForwardContext& context) override;

private:
    double probability_;
};

/// What Dropout does, within `layer`. Throws TypeError that names the layer when the context has nothing to draw from.
Tensor apply_dropout(const std::string& layer, const Tensor& x, double probability, const ForwardContext& context);
Value apply_dropout(const std::string& layer, const Value& x, double probability, const ForwardContext& context);

/// The schema of a dropout probability, for the layer types that have one.
std::string dropout_schema(const std::string& description);

std::vector<LayerType> dropout_layers();

}  // namespace tapegrad
