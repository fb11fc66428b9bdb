// What a layer is: parameters, hyper-parameters and one virtual function.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "autograd/random.hpp"
#include "autograd/sparse.hpp"
#include "datasets/graph.hpp"

namespace tapegrad {

/// What flows between layers: a dense tensor [N, F] or sparse rows.
using Value = std::variant<Tensor, SparseMatrix>;

/// Everything that a forward pass needs besides the value.
struct ForwardContext {
    const Graph* graph = nullptr;    ///< null outside graph models
    bool training = false;           ///< dropout is the identity unless this is set
    RandomStream* random = nullptr;  ///< where dropout draws from; needed while training
};

/// A parameter and its name within the model, "0.weight" for example.
using NamedParameter = std::pair<std::string, Tensor>;

/// The same names and values in memory of their own.
std::vector<NamedParameter> copies_of(const std::vector<NamedParameter>& tensors);

/// A layer, or layers made of layers.
class Module {
public:
    virtual ~Module() = default;
    virtual Value forward(const Value& x, const ForwardContext& context) = 0;

    /// All parameters, own ones first, then those of the parts, each with the part's name before it. The tensors are
    /// handles: `assign` to them changes the module.
    std::vector<NamedParameter> parameters() const;
    /// A part and its name.
    using Part = std::pair<std::string, std::shared_ptr<Module>>;

protected:
    /// Makes `value` a parameter of this module.
    Tensor add_parameter(const std::string& name, const Tensor& value);
    /// Takes a part in; its parameters are named "name.parameter".
    void add_part(const std::string& name, std::shared_ptr<Module> part);
    /// The parts in the order in which they were taken in.
    const std::vector<Part>& parts() const { return parts_; }

private:
    std::vector<NamedParameter> own_;
    std::vector<Part> parts_;
};

/// The dense tensor in `x`. Throws TypeError that names the layer when it is sparse.
const Tensor& dense_input(const std::string& layer, const Value& x);
/// The graph of the context. Throws TypeError that names the layer when there is none.
const Graph& graph_of(const std::string& layer, const ForwardContext& context);
/// The next place of this forward pass to draw random numbers from. Throws TypeError that names the layer when the
/// context has no stream.
RandomSite random_site(const std::string& layer, const ForwardContext& context);

}  // namespace tapegrad
