// Weights under the names and in the layout of PyTorch Geometric (PyG): so that a model trained here goes on there, and
// the other way round.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "nn/safetensors.hpp"

namespace tapegrad {

/// The weights of a model as PyG's GATConv, GCNConv and Linear name and lay them out. `layers` is the "model" of a
/// complete config, `parameters` are those of the model built from it, in their order. Convolutions become conv1,
/// conv2, ..., linear layers lin1, lin2, ..., in the order of the layers. The heads of a multi_head layer become those
/// of one GATConv; where they are merged by mean, its bias is the mean of theirs, which gives the same output. Throws
/// DataError for a layer with parameters that PyG does not have.
std::vector<NamedTensor> to_pyg(const nlohmann::json& layers, const std::vector<NamedParameter>& parameters);

/// Which module of PyG's model gave its weights to a layer.
struct PygMatch {
    std::string layer;   ///< "model.0 (gat)"
    std::string module;  ///< "conv1"
    bool operator==(const PygMatch&) const = default;
};

struct PygWeights {
    std::vector<NamedTensor> tensors;  ///< under the names of the model here, in its layout
    std::vector<PygMatch> matches;
};

/// The reverse. Modules may have any names ("convs.0", "encoder.conv1") and those of older versions of PyG: each layer
/// takes, of the modules of its kind that fit its shapes, the first that is left, where conv2 comes before conv10.
/// `parameters` are those of the model to be filled, for their names and shapes; `source` begins the messages. Throws
/// DataError, which lists the layers that found no weights and the tensors that fit no layer, unless all are used up.
PygWeights from_pyg(const nlohmann::json& layers, const std::vector<NamedParameter>& parameters,
                    const std::vector<NamedTensor>& tensors, const std::string& source);

}  // namespace tapegrad
