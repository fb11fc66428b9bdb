#include "autograd/op.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <mutex>
#include <unordered_map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "autograd/edit_distance.hpp"
#include "autograd/errors.hpp"
#include "autograd/kernels.hpp"
#include "autograd/ops/families.hpp"
#include "autograd/profile.hpp"
#include "autograd/tape.hpp"

namespace tapegrad {

namespace {

// Most often both are one literal.
bool is_name(const char* attribute, std::string_view name) { return attribute == name.data() || attribute == name; }

}  // namespace

const std::variant<std::int64_t, double, Dims>& Attributes::find(std::string_view name) const {
    for (const Attribute& attribute : list_)
        if (is_name(attribute.name, name)) return attribute.value;
    std::vector<std::string_view> names;
    for (const Attribute& attribute : list_) names.emplace_back(attribute.name);
    throw TypeError("attributes", fmt::format("one named '{}'", name), fmt::format("[{}]", fmt::join(names, ", ")),
                    "pass the attributes that the op declares");
}

namespace {

template <typename T>
const T& value_as(const std::variant<std::int64_t, double, Dims>& value, std::string_view name, const char* type) {
    if (const T* typed = std::get_if<T>(&value)) return *typed;
    throw TypeError("attributes", fmt::format("'{}' to be {}", name, type), "a value of another type",
                    "pass the attributes that the op declares");
}

}  // namespace

std::int64_t Attributes::integer(std::string_view name) const {
    return value_as<std::int64_t>(find(name), name, "an integer");
}
double Attributes::real(std::string_view name) const { return value_as<double>(find(name), name, "a real"); }
const Dims& Attributes::dims(std::string_view name) const {
    return value_as<Dims>(find(name), name, "a list of integers");
}

namespace {

const Tensor& saved(const TapeNode& node, const TapeNode::Value& value, const char* what, std::size_t index) {
    if (!value.saved.defined())
        throw TapeError(node.op->name, "a vjp that looks only at what the op saves",
                        fmt::format("a look at {} {}", what, index), "add it to the op's `saves`");
    return value.saved;
}

}  // namespace

VjpCall::VjpCall(const TapeNode& node, std::span<const Tensor> gradients, std::span<const char> needed)
    : attributes(node.attributes), node_(node), gradients_(gradients), needed_(needed) {}

const Tensor& VjpCall::input(std::size_t index) const { return saved(node_, node_.inputs[index], "input", index); }
const Tensor& VjpCall::output(std::size_t index) const { return saved(node_, node_.outputs[index], "output", index); }
const Shape& VjpCall::input_shape(std::size_t index) const { return node_.inputs[index].spec.shape; }
DType VjpCall::input_dtype(std::size_t index) const { return node_.inputs[index].spec.dtype; }

Tensor VjpCall::gradient(std::size_t index) const {
    if (gradients_[index].defined()) return gradients_[index];
    const auto arrived = std::ranges::find_if(gradients_, [](const Tensor& gradient) { return gradient.defined(); });
    const TensorSpec& spec = node_.outputs[index].spec;
    return full(arrived->backend(), spec.shape, 0, spec.dtype);
}

Vjp per_input(std::vector<std::function<Tensor(const VjpCall&)>> functions) {
    return [functions = std::move(functions)](const VjpCall& call) {
        Tensors gradients(call.input_count());
        for (std::size_t i = 0; i < functions.size(); ++i)
            if (functions[i] && call.needs(i)) gradients[i] = functions[i](call);
        return gradients;
    };
}

namespace {

struct OpRegistry {
    std::mutex mutex;
    std::deque<OpDef> ops;
    std::unordered_map<std::string, const OpDef*> by_name;

    const OpDef& add(OpDef op) {
        if (by_name.contains(op.name))
            throw TypeError("register_op", "a name that is not taken", "'" + op.name + "' again",
                            "choose another name");
        const bool has_kernel = std::ranges::any_of(
            mandatory_kernels(), [&](const MandatoryKernel& kernel) { return op.name == kernel.name; });
        if (!op.infer)
            throw TypeError("register_op '" + op.name + "'", "`infer`", "none",
                            "tell the shapes and dtypes of the outputs; infer_same is those of the input");
        if (!op.run && !op.compose && !has_kernel)
            throw TypeError("register_op '" + op.name + "'", "one of `run`, `compose` or a mandatory kernel", "none",
                            "write a composition of other ops");
        op.kernel = KernelId(op.name);
        const OpDef& stored = ops.emplace_back(std::move(op));
        by_name[stored.name] = &stored;
        return stored;
    }
};

OpRegistry& registry() {
    static OpRegistry instance;
    static std::once_flag built_in;
    std::call_once(built_in, [] {
        for (const OpFamily& family : op_families())
            for (OpDef& op : family.ops()) {
                op.family = family.name;
                instance.add(std::move(op));
            }
    });
    return instance;
}

}  // namespace

const OpDef& register_op(OpDef op) {
    OpRegistry& ops = registry();
    const std::lock_guard lock(ops.mutex);
    return ops.add(std::move(op));
}

const OpDef& find_op(const std::string& name) {
    OpRegistry& ops = registry();
    const std::lock_guard lock(ops.mutex);
    const auto found = ops.by_name.find(name);
    if (found != ops.by_name.end()) return *found->second;
    std::vector<std::string> names;
    for (const OpDef& op : ops.ops) names.push_back(op.name);
    throw IndexError("find_op", "the name of an op", "'" + name + "'", "did you mean '" + nearest(name, names) + "'?");
}

std::vector<std::reference_wrapper<const OpDef>> all_ops() {
    OpRegistry& ops = registry();
    const std::lock_guard lock(ops.mutex);
    return {ops.ops.begin(), ops.ops.end()};
}

namespace {

std::string describe(const Attributes& attributes) {
    constexpr const char* types[] = {"integer", "real", "dims"};
    std::string text;
    for (const Attribute& attribute : attributes.list())
        text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", attribute.name, types[attribute.value.index()]);
    return text.empty() ? "none" : text;
}

// A kernel gets attributes by position, so they have to be exactly those that the op declares.
void check_attributes(const OpDef& op, const Attributes& attributes) {
    const auto same = [](const Attribute& a, const Attribute& b) {
        return is_name(a.name, b.name) && a.value.index() == b.value.index();
    };
    if (!std::ranges::equal(op.attributes.list(), attributes.list(), same))
        throw TypeError(op.name, "the attributes " + describe(op.attributes), describe(attributes),
                        "pass all of them, in this order");
}

void check_inputs(const OpDef& op, std::span<const Tensor> inputs) {
    const bool variadic = !op.inputs.empty() && op.inputs.back().ends_with("...");
    if (variadic ? inputs.size() < op.inputs.size() : !op.inputs.empty() && inputs.size() != op.inputs.size())
        throw TypeError(op.name, fmt::format("the inputs {}", fmt::join(op.inputs, ", ")),
                        fmt::format("{} inputs", inputs.size()), "pass each of them");
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (!inputs[i].defined())
            throw TypeError(op.name, "tensors", fmt::format("an undefined input {}", i), "give it a value first");
        if (inputs[i].backend() != inputs[0].backend())
            throw BackendError(op.name, "all inputs on one backend",
                               inputs[0].backend()->name() + " and " + inputs[i].backend()->name(),
                               "make all tensors with the same opened backend");
    }
}

// Runs the kernel into new outputs (or, for update ops, into the overwritten inputs).
void call_native(const OpDef& op, tg_kernel kernel, KernelId id, std::span<const Tensor> inputs,
                 std::span<const Tensor> outputs, const Attributes& attributes) {
    InlineVector<tg_array, 8> in, out;
    Tensors expanded;
    for (const Tensor& input : inputs) {
        const bool fits = !op.elementwise || input.shape() == outputs[0].shape() || input.size() == 1;
        if (!fits) expanded.push_back(expand_copy(input, outputs[0].shape()));
        in.push_back(fits ? input.array() : expanded.back().array());
    }
    for (const Tensor& output : outputs) out.push_back(output.array());
    InlineVector<std::int64_t, 8> integers;
    InlineVector<double, 4> reals;
    for (const Attribute& attribute : attributes.list()) {
        if (const auto* integer = std::get_if<std::int64_t>(&attribute.value))
            integers.push_back(*integer);
        else if (const auto* real = std::get_if<double>(&attribute.value))
            reals.push_back(*real);
        else {
            const Dims& dims = std::get<Dims>(attribute.value);
            integers.push_back(static_cast<std::int64_t>(dims.rank()));
            integers.insert(integers.end(), dims.begin(), dims.end());
        }
    }
    outputs[0].backend()->call(id, kernel, in, out, integers, reals);
}

KernelId kernel_of(const OpDef& op) { return op.kernel ? *op.kernel : KernelId(op.name); }

struct Executed {
    Tensors outputs;
    bool native;
};

Executed execute(const OpDef& op, std::span<const Tensor> inputs, const TensorSpecs& specs,
                 const Attributes& attributes) {
    const BackendPtr& backend = inputs[0].backend();
    OpProfile::Call profiled(backend->profile());
    const auto executed = [&](Tensors outputs, bool native) -> Executed {
        // An op that hands an input through still makes a new value.
        for (Tensor& output : outputs)
            if (std::ranges::any_of(inputs, [&](const Tensor& input) { return input.same(output); }))
                output = expand_copy(output, output.shape());
        // A reshape hands its memory on and moves nothing.
        const bool moves = outputs[0].array().data != inputs[0].array().data;
        profiled.finish(op.name, native, moves ? inputs : std::span<const Tensor>(),
                        moves ? std::span<const Tensor>(outputs) : std::span<const Tensor>());
        return {std::move(outputs), native};
    };
    const NoTape no_tape;
    if (op.run) return executed(op.run(inputs, attributes, specs), true);
    const KernelId id = kernel_of(op);
    if (const tg_kernel kernel = backend->kernel(id, specs[0].dtype)) {
        Tensors outputs;
        for (const TensorSpec& spec : specs) outputs.emplace_back(backend, spec.shape, spec.dtype);
        call_native(op, kernel, id, inputs, outputs, attributes);
        return executed(std::move(outputs), true);
    }
    if (!op.compose)
        throw BackendError(op.name,
                           fmt::format("a kernel for {} on backend {}", to_string(specs[0].dtype), backend->name()),
                           "none", "cast the tensors to another dtype or use another backend");
    return executed(op.compose(inputs, attributes), false);
}

}  // namespace

TensorSpecs infer_outputs(const OpDef& op, std::span<const Tensor> inputs, const Attributes& attributes) {
    check_inputs(op, inputs);
    check_attributes(op, attributes);
    return op.infer({op.name, inputs, attributes});
}

Tensors apply(const OpDef& op, std::span<const Tensor> inputs, const Attributes& attributes) {
    if (op.updates) throw TypeError(op.name, "a call by apply_update", "one by apply", "it overwrites its inputs");
    const TensorSpecs specs = infer_outputs(op, inputs, attributes);
    using Clock = std::chrono::steady_clock;
    const bool timed = ops_are_timed();
    const Clock::time_point start = timed ? Clock::now() : Clock::time_point();
    Executed executed = execute(op, inputs, specs, attributes);
    const double seconds = timed ? std::chrono::duration<double>(Clock::now() - start).count() : 0;
    record({op, inputs, executed.outputs, attributes, executed.native, seconds});
    return std::move(executed.outputs);
}

Tensor apply_one(const OpDef& op, std::initializer_list<Tensor> inputs, const Attributes& attributes) {
    return std::move(apply(op, std::span(inputs.begin(), inputs.size()), attributes)[0]);
}

Tensors apply_update(const OpDef& op, std::span<const Tensor> inputs, const Attributes& attributes) {
    if (!op.updates) throw TypeError(op.name, "an op that overwrites inputs", "one that does not", "call apply");
    const TensorSpecs specs = infer_outputs(op, inputs, attributes);
    if (specs.size() > inputs.size())
        throw TypeError(op.name, "an input for each output, to be overwritten",
                        fmt::format("{} outputs of {} inputs", specs.size(), inputs.size()), "mend the op's infer");
    OpProfile::Call profiled(inputs[0].backend()->profile());
    const NoTape no_tape;
    const Tensors targets(inputs.begin(), inputs.begin() + static_cast<std::ptrdiff_t>(specs.size()));
    const KernelId id = kernel_of(op);
    const tg_kernel kernel = inputs[0].backend()->kernel(id, specs[0].dtype);
    if (kernel != nullptr) {
        call_native(op, kernel, id, inputs, targets, attributes);
        for (const Tensor& target : targets) mark_overwritten(target);
    } else {
        const Tensors values = op.compose(inputs, attributes);
        for (std::size_t i = 0; i < targets.size(); ++i) assign(targets[i], values[i]);
    }
    profiled.finish(op.name, kernel != nullptr, inputs, targets);
    return targets;
}

}  // namespace tapegrad
