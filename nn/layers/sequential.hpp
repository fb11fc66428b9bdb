// Layers one after the other.
#pragma once

#include "nn/module.hpp"

namespace tapegrad {

/// Each layer gets what the one before it gave out. Parameters are named by position: "0.weight".
class Sequential : public Module {
public:
    explicit Sequential(const std::vector<std::shared_ptr<Module>>& layers);
    Value forward(const Value& x, const ForwardContext& context) override;
    /// Each layer with its name, which is its position.
    const std::vector<Part>& layers() const { return parts(); }
};

}  // namespace tapegrad
