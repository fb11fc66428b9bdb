#include "nn/layer_registry.hpp"

#include <algorithm>
#include <mutex>

#include <nlohmann/json.hpp>

#include "autograd/errors.hpp"
#include "nn/layers/activation.hpp"
#include "nn/layers/dropout.hpp"
#include "nn/layers/gat_conv.hpp"
#include "nn/layers/gcn_conv.hpp"
#include "nn/layers/linear.hpp"
#include "nn/layers/multi_head.hpp"

namespace tapegrad {

namespace {

struct LayerRegistry {
    std::mutex mutex;
    std::vector<LayerType> types;

    // A new built-in layer is one file pair and one line here.
    LayerRegistry() {
        for (const auto family :
             {linear_layers, dropout_layers, activation_layers, gat_layers, multi_head_layers, gcn_layers})
            for (LayerType& type : family()) add(std::move(type));
    }

    void add(LayerType type) {
        if (std::ranges::find(types, type.name, &LayerType::name) != types.end())
            throw TypeError("register_layer", "a name that is not taken", "'" + type.name + "' again",
                            "choose another name");
        if (!nlohmann::json::parse(type.properties, nullptr, false).is_object())
            throw TypeError("register_layer '" + type.name + "'", "properties that are the text of a JSON object",
                            "'" + type.properties + "'", "write {} for a layer without settings");
        types.push_back(std::move(type));
    }
};

LayerRegistry& registry() {
    static LayerRegistry instance;
    return instance;
}

}  // namespace

void register_layer(LayerType type) {
    LayerRegistry& layers = registry();
    const std::lock_guard lock(layers.mutex);
    layers.add(std::move(type));
}

std::vector<LayerType> layer_types() {
    LayerRegistry& layers = registry();
    const std::lock_guard lock(layers.mutex);
    return layers.types;
}

}  // namespace tapegrad
