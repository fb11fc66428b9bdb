#include "tools/training/model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "autograd/errors.hpp"
#include "nn/layer_registry.hpp"
#include "nn/layers/sequential.hpp"

namespace tapegrad {

std::shared_ptr<Sequential> build_model(const nlohmann::json& layers, const ModelWidths& widths,
                                        const BackendPtr& backend, std::uint64_t seed) {
    const std::vector<LayerType> types = layer_types();
    HostRandom random(seed);
    std::int64_t width = widths.feature_count;
    std::vector<std::shared_ptr<Module>> built;
    for (nlohmann::json settings : layers) {
        if (settings.value("out_features", nlohmann::json()) == "classes") settings["out_features"] = widths.classes;
        const auto type = std::ranges::find(types, settings.at("type").get<std::string>(), &LayerType::name);
        BuiltLayer layer = type->build(settings, {width, backend, random});
        built.push_back(std::move(layer.module));
        width = layer.out_features;
    }
    if (width != widths.classes)
        throw ConfigError(
            "model", fmt::format("{} numbers a node, one for each class", widths.classes),
            fmt::format("{} from the last layer", width),
            "Give the last layer \"out_features\": \"classes\" and a single head, or the mean of its heads");
    return std::make_shared<Sequential>(built);
}

bool is_in_decaying_layer(const std::string& parameter, const nlohmann::json& settings) {
    const nlohmann::json& layers = settings.at("weight_decay_layers");
    return layers == "all" || std::find(layers.begin(), layers.end(), std::stoi(parameter)) != layers.end();
}

std::unique_ptr<Optimizer> build_optimizer(const nlohmann::json& settings, const nlohmann::json& layers,
                                           const Module& model) {
    const nlohmann::json& decaying = settings.at("weight_decay_layers");
    for (const nlohmann::json& layer : decaying == "all" ? nlohmann::json::array() : decaying)
        if (layer >= layers.size())
            throw ConfigError("optimizer.weight_decay_layers", fmt::format("layers below {}", layers.size()),
                              layer.dump(), "Count the entries of model from 0");

    ParameterGroup decayed{{}, settings.at("weight_decay")}, others{{}, 0};
    for (const NamedParameter& parameter : model.parameters())
        (is_in_decaying_layer(parameter.first, settings) ? decayed : others).parameters.push_back(parameter);
    const std::vector<ParameterGroup> groups{decayed, others};
    const double learning_rate = settings.at("learning_rate");
    const std::string type = settings.at("type");
    if (type == "sgd") return std::make_unique<Sgd>(groups, SgdOptions{learning_rate, settings.at("momentum")});
    return std::make_unique<Adam>(groups, AdamOptions{.learning_rate = learning_rate,
                                                      .beta1 = settings.at("betas")[0],
                                                      .beta2 = settings.at("betas")[1],
                                                      .epsilon = settings.at("epsilon"),
                                                      .decoupled = type == "adamw"});
}

}  // namespace tapegrad
