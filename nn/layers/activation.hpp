// Activation functions as layers.
#pragma once

#include <functional>

#include "nn/layer_registry.hpp"

namespace tapegrad {

/// A function of a dense tensor, under the name that its errors give.
class Activation : public Module {
public:
    using Function = std::function<Tensor(const Tensor&)>;
    Activation(std::string name, Function function) : name_(std::move(name)), function_(std::move(function)) {}
    Value forward(const Value& x, const ForwardContext&) override { return function_(dense_input(name_, x)); }

private:
    std::string name_;
    Function function_;
};

std::vector<LayerType> activation_layers();

}  // namespace tapegrad
