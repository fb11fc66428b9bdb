// The layer types that a config can name.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "nn/module.hpp"

namespace tapegrad {

/// What a layer is built from besides its settings.
struct LayerInputs {
    std::int64_t in_features;
    BackendPtr backend;
    HostRandom& random;  ///< initial weights come from here
    DType dtype = DType::f32;
};

/// A layer and the width of what it gives out.
struct BuiltLayer {
    std::shared_ptr<Module> module;
    std::int64_t out_features;
};

/// A layer type: its name in configs, a JSON Schema (text of an object of properties, each with type, limits, default
/// and description; one without a default is required), and how to build it. `settings` was checked against the schema
/// and has every default filled in.
struct LayerType {
    std::string name;
    std::string properties;
    std::function<BuiltLayer(const nlohmann::json& settings, const LayerInputs& inputs)> build;
    std::string description = "";  ///< what the layer computes, in a line; editors and docs/config.md show it
};

/// Adds a layer type. Throws TypeError when the name is taken or the properties are not a JSON object.
void register_layer(LayerType type);
/// All layer types in the order in which they were registered; the built-in ones first.
std::vector<LayerType> layer_types();

}  // namespace tapegrad
