// What a layer attends to, for whoever looks at a trained model.
#pragma once

#include "nn/module.hpp"

namespace tapegrad {

/// A layer in which every node weighs its neighbours. A Module derives from it beside Module.
class AttentionLayer {
public:
    virtual ~AttentionLayer() = default;
    /// The coefficients alpha [E, H] with which a forward pass without dropout sums: a row an edge, in the order of the
    /// context's Graph, a column a head. The coefficients of all edges into a node add up to 1 in every head.
    virtual Tensor attention(const Value& x, const ForwardContext& context) = 0;
};

}  // namespace tapegrad
