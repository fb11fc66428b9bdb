// What a config's "model" and "optimizer" describe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "nn/layers/sequential.hpp"
#include "nn/optimizer.hpp"

namespace tapegrad {

/// Where a model begins and ends.
struct ModelWidths {
    std::int64_t feature_count;
    std::int64_t classes;
};

/// Builds the layers one after the other, each as wide as the one before it gives out; equal seeds give equal weights.
/// Throws ConfigError unless the last one gives out a number for each class.
std::shared_ptr<Sequential> build_model(const nlohmann::json& layers, const ModelWidths& widths,
                                        const BackendPtr& backend, std::uint64_t seed);

/// Is a parameter, whose name begins with the number of its layer ("0.weight"), in one of the "weight_decay_layers" of
/// the config's "optimizer"?
bool is_in_decaying_layer(const std::string& parameter, const nlohmann::json& settings);

/// The optimizer of the model's parameters; the weights of the layers in "weight_decay_layers" decay. Throws
/// ConfigError for a layer that the model does not have.
std::unique_ptr<Optimizer> build_optimizer(const nlohmann::json& settings, const nlohmann::json& layers,
                                           const Module& model);

}  // namespace tapegrad
