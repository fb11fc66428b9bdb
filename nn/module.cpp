#include "nn/module.hpp"

#include "autograd/errors.hpp"

namespace tapegrad {

std::vector<NamedParameter> copies_of(const std::vector<NamedParameter>& tensors) {
    std::vector<NamedParameter> copies;
    for (const auto& [name, tensor] : tensors) {
        copies.emplace_back(name, zeros_like(tensor));
        assign(copies.back().second, tensor);
    }
    return copies;
}

std::vector<NamedParameter> Module::parameters() const {
    std::vector<NamedParameter> all = own_;
    for (const auto& [part_name, part] : parts_)
        for (const auto& [name, value] : part->parameters()) all.emplace_back(part_name + "." + name, value);
    return all;
}

Tensor Module::add_parameter(const std::string& name, const Tensor& value) {
    return own_.emplace_back(name, parameter(value)).second;
}

void Module::add_part(const std::string& name, std::shared_ptr<Module> part) {
    parts_.emplace_back(name, std::move(part));
}

const Tensor& dense_input(const std::string& layer, const Value& x) {
    if (const auto* dense = std::get_if<Tensor>(&x)) return *dense;
    throw TypeError("layer " + layer, "a dense tensor", "a sparse matrix",
                    "put a layer that takes sparse input before it: linear, gat, multi_head or gcn");
}

const Graph& graph_of(const std::string& layer, const ForwardContext& context) {
    if (context.graph != nullptr) return *context.graph;
    throw TypeError("layer " + layer, "a graph in the context", "none", "set ForwardContext::graph");
}

RandomSite random_site(const std::string& layer, const ForwardContext& context) {
    if (context.random != nullptr) return context.random->next();
    throw TypeError("layer " + layer, "a random stream in the context while training", "none",
                    "set ForwardContext::random");
}

}  // namespace tapegrad
