#include "nn/layers/sequential.hpp"

namespace tapegrad {

Sequential::Sequential(const std::vector<std::shared_ptr<Module>>& layers) {
    for (const std::shared_ptr<Module>& layer : layers) add_part(std::to_string(parts().size()), layer);
}

Value Sequential::forward(const Value& x, const ForwardContext& context) {
    Value value = x;
    for (const auto& [name, layer] : parts()) value = layer->forward(value, context);
    return value;
}

}  // namespace tapegrad
