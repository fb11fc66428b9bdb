// What an op is: one definition from which recording, gradients, tests, benchmarks and documentation follow.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "autograd/tensor.hpp"

namespace tapegrad {

struct OpDef;
struct TapeNode;
class SampleSource;

/// A named number, flag or list of integers that an op takes besides its tensors. Names are string literals.
struct Attribute {
    const char* name;
    std::variant<std::int64_t, double, Dims> value;
};

/// The attributes of one call, in the order in which the op declares them.
class Attributes {
public:
    Attributes() = default;
    Attributes(std::initializer_list<Attribute> list) : list_(list) {}
    explicit Attributes(std::span<const Attribute> list) : list_(list.begin(), list.end()) {}

    std::int64_t integer(std::string_view name) const;
    double real(std::string_view name) const;
    const Dims& dims(std::string_view name) const;
    std::span<const Attribute> list() const { return list_; }

private:
    const std::variant<std::int64_t, double, Dims>& find(std::string_view name) const;
    InlineVector<Attribute, 2> list_;
};

/// What a tensor will be before it exists.
struct TensorSpec {
    Shape shape;
    DType dtype;
};
using TensorSpecs = InlineVector<TensorSpec, 2>;

/// What `infer` sees.
struct InferCall {
    const std::string& op;
    std::span<const Tensor> inputs;
    const Attributes& attributes;

    const Shape& shape(std::size_t input) const { return inputs[input].shape(); }
    DType dtype(std::size_t input) const { return inputs[input].dtype(); }
    TensorSpec spec(std::size_t input) const { return {shape(input), dtype(input)}; }
};

/// What a vjp sees: the recorded call and the gradients that arrived at its outputs.
class VjpCall {
public:
    /// One gradient an output, undefined where none arrived; `needed` has one flag an input.
    VjpCall(const TapeNode& node, std::span<const Tensor> gradients, std::span<const char> needed);

    /// An input that the op saves. Throws TapeError for one that it does not.
    const Tensor& input(std::size_t index) const;
    /// An output that the op saves. Throws TapeError for one that it does not.
    const Tensor& output(std::size_t index = 0) const;
    /// The gradient of an output: zeros where none arrived.
    Tensor gradient(std::size_t index = 0) const;
    bool has_gradient(std::size_t index) const { return gradients_[index].defined(); }
    /// Does this input need a gradient?
    bool needs(std::size_t input) const { return needed_[input] != 0; }
    const Shape& input_shape(std::size_t index) const;
    DType input_dtype(std::size_t index) const;
    std::size_t input_count() const { return needed_.size(); }

    const Attributes& attributes;

private:
    const TapeNode& node_;
    std::span<const Tensor> gradients_;
    std::span<const char> needed_;
};

using Infer = std::function<TensorSpecs(const InferCall&)>;
using Compose = std::function<Tensors(std::span<const Tensor> inputs, const Attributes& attributes)>;
/// `specs` is what `infer` said of the outputs.
using Run =
    std::function<Tensors(std::span<const Tensor> inputs, const Attributes& attributes, const TensorSpecs& specs)>;
/// One gradient for each input; undefined where none is needed or the input has none. A gradient may still have the
/// broadcast shape: the tape sums it down.
using Vjp = std::function<Tensors(const VjpCall&)>;

/// A vjp made of one function an input; only those that are needed run.
Vjp per_input(std::vector<std::function<Tensor(const VjpCall&)>> functions);

/// The gradient through `compose`: what an op without a vjp of its own gets.
Tensors differentiate_composition(const OpDef& op, const VjpCall& call);

/// Inputs and attributes worth trying: what the gradient check, the conformance test and the benchmarks run.
struct Sample {
    Tensors inputs;
    Attributes attributes;
};
using Samples = std::function<std::vector<Sample>(SampleSource&)>;

/// Which inputs and outputs stay alive until backward has passed.
struct Saves {
    std::vector<std::size_t> inputs = {};
    std::vector<std::size_t> outputs = {};
};

/// The definition of an op. Forward is the first of these that there is: `run`, the backend's kernel of this name,
/// `compose`.
struct OpDef {
    std::string name = {};
    /// One line a person can read.
    std::string formula = {};
    /// Paper and equation, where it has one.
    std::string source = {};
    /// The names of the inputs; a last one that ends in "..." stands for one or more.
    std::vector<std::string> inputs = {};
    /// The attributes in order, each with a value of its type: a call has to give exactly these.
    Attributes attributes = {};
    /// What `infer` demands and gives, in one line: "x [N, F], b [F] -> [N, F]". An elementwise op needs none.
    std::string shapes = {};
    /// Shapes and dtypes out of shapes and dtypes in; the only place that throws shape errors.
    Infer infer = {};
    /// Forward by direct kernel calls, for ops that only move memory or bring shapes into a kernel's form.
    Run run = {};
    /// Forward in other ops: what runs on a backend without a kernel of this name.
    Compose compose = {};
    /// Gradient in other ops. Without one, the op is differentiated through `compose`.
    Vjp vjp = {};
    /// What `vjp` looks at. An op that is differentiated through `compose` saves all its inputs.
    Saves saves = {};
    Samples samples = {};
    /// Float inputs to which no gradient flows, such as a condition.
    std::vector<std::size_t> constant_inputs = {};
    /// How many of the last outputs are for the vjp alone: no gradient flows from them.
    std::size_t auxiliary_outputs = 0;
    /// For an op that is given what a forward op saved: sets these constant inputs anew from the other inputs. The
    /// composition must not look at them, so that it is differentiated as a function of the others.
    std::function<void(Tensors& inputs, const Attributes& attributes)> derive_constants = {};
    /// Why there is no gradient; empty for an op that has one.
    std::string non_differentiable = {};
    /// Inputs broadcast against each other: a kernel gets them with equal shapes or one element.
    bool elementwise = false;
    /// An update op (a step of an optimizer): output i is the new value of input i, which is overwritten.
    bool updates = false;
    /// The heading under which it is documented; empty for an op of an extension. Set by the registry.
    std::string family = {};
    /// The number of `name` among the kernels; set by `register_op`.
    std::optional<KernelId> kernel = {};
};

/// Adds an op and returns it for good. Throws TypeError when the name is taken, no inputs are declared, or neither
/// `run`, `compose` nor a mandatory kernel can run it.
const OpDef& register_op(OpDef op);
/// Throws IndexError with the nearest names when there is no such op.
const OpDef& find_op(const std::string& name);
/// A string as a template argument.
template <std::size_t size>
struct OpName {
    char text[size];
    consteval OpName(const char (&name)[size]) { std::copy_n(name, size, text); }
};
/// `find_op`, looked up once: op_named<"add">().
template <OpName name>
const OpDef& op_named() {
    static const OpDef& op = find_op(name.text);
    return op;
}
/// All ops in the order in which they were registered.
std::vector<std::reference_wrapper<const OpDef>> all_ops();

/// What an op would give for these inputs; does not run it. Throws TypeError when inputs or attributes are not those
/// that the op declares, BackendError when inputs lie on different backends, and what `infer` throws.
TensorSpecs infer_outputs(const OpDef& op, std::span<const Tensor> inputs, const Attributes& attributes = {});

/// Runs an op and records it on every live tape that tracks one of its inputs. Throws what `infer_outputs` throws.
Tensors apply(const OpDef& op, std::span<const Tensor> inputs, const Attributes& attributes = {});
/// The first output of `apply`.
Tensor apply_one(const OpDef& op, std::initializer_list<Tensor> inputs, const Attributes& attributes = {});

/// Runs an update op: its first inputs are overwritten, one for each output, and returned. Never recorded.
Tensors apply_update(const OpDef& op, std::span<const Tensor> inputs, const Attributes& attributes = {});

}  // namespace tapegrad
