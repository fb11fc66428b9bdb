#include "autograd/tape.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "autograd/errors.hpp"
#include "autograd/kernels.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/reduce.hpp"
#include "autograd/ops/shape_ops.hpp"
#include "autograd/profile.hpp"

namespace tapegrad {

namespace {

// The tapes of this thread, from the newest to the oldest; those with an id below `first_live` are suspended.
struct TapeStack {
    Tape* newest = nullptr;
    std::uint64_t first_live = 0;
};
constinit thread_local TapeStack tape_stack;

// Tensors outlive tapes, so a tape is known by a number that is never used again.
std::uint64_t new_tape_id() {
    static std::atomic<std::uint64_t> next{1};
    return next.fetch_add(1, std::memory_order_relaxed);
}

std::string describe(std::span<const Tensor> tensors) {
    std::string text;
    for (const Tensor& tensor : tensors) {
        if (!tensor.defined()) continue;
        text += fmt::format("{}{} {}{}", text.empty() ? "" : ", ", to_string(tensor.dtype()), to_string(tensor.shape()),
                            tensor.dtype() == DType::i32 || all_finite(tensor) ? "" : " (already not finite)");
    }
    return text;
}

// The only place where broadcasting is undone.
Tensor sum_to(Tensor gradient, const Shape& shape) {
    if (gradient.shape() == shape) return gradient;
    const std::size_t lead = gradient.rank() - shape.rank();
    Dims axes;
    for (std::size_t axis = 0; axis < gradient.rank(); ++axis)
        if (axis < lead || (shape[axis - lead] == 1 && gradient.shape()[axis] != 1))
            axes.push_back(static_cast<std::int64_t>(axis));
    return reshape(sum(gradient, axes), shape);
}

bool sums_down_to(const Shape& from, const Shape& to) {
    if (from.rank() < to.rank()) return false;
    for (std::size_t back = 1; back <= to.rank(); ++back) {
        const std::int64_t extent = to[to.rank() - back];
        if (extent != 1 && extent != from[from.rank() - back]) return false;
    }
    return true;
}

void check_cotangents(std::span<const Tensor> outputs, std::span<const Tensor> cotangents) {
    if (outputs.size() != cotangents.size())
        throw TapeError("pull_back", fmt::format("{} cotangents, one an output", outputs.size()),
                        fmt::format("{}", cotangents.size()), "pass zeros where there is none");
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const Tensor &output = outputs[i], &cotangent = cotangents[i];
        if (output.shape() != cotangent.shape())
            throw ShapeError("pull_back", "a cotangent of its output's shape " + to_string(output.shape()),
                             to_string(cotangent.shape()), "reshape it");
        if (output.dtype() != cotangent.dtype())
            throw TypeError("pull_back", "a cotangent of its output's dtype " + to_string(output.dtype()),
                            to_string(cotangent.dtype()), "cast it");
    }
}

}  // namespace

NoTape::NoTape() : before_(tape_stack.first_live) {
    if (tape_stack.newest != nullptr) tape_stack.first_live = tape_stack.newest->id_ + 1;
}
NoTape::~NoTape() { tape_stack.first_live = before_; }

Tape::Tape(TapeOptions options) : options_(options), id_(new_tape_id()), older_(tape_stack.newest) {
    tape_stack.newest = this;
}

Tape::~Tape() {
    Tape** place = &tape_stack.newest;
    while (*place != nullptr && *place != this) place = &(*place)->older_;
    if (*place == nullptr) {
        // The other thread would go on recording on a tape that is gone.
        fmt::print(stderr, "tapegrad: a tape has to be destroyed on the thread that made it\n");
        std::abort();
    }
    *place = older_;
    // Leaves live on and are watched by many tapes.
    for (const Tensor& leaf : leaves_)
        leaf.body().places.remove_if([&](const Tensor::Place& known) { return known.tape == id_; });
    if (!leaves_.empty()) leaves_[0].backend()->keep_nodes(std::move(nodes_));
}

std::uint32_t Tape::slot_of(const Tensor& x) const {
    const Tensor::Body& body = x.body();
    for (const Tensor::Place& place : body.places) {
        if (place.tape != id_) continue;
        if (place.version != Tensor::Place::any_version && place.version != x.version())
            throw TapeError("tape", "a value as it was when it was recorded", "one that was overwritten since",
                            "use the new values in a tensor of their own");
        return place.slot;
    }
    return TapeNode::untracked;
}

bool Tape::tracks(const Tensor& x) const { return slot_of(x) != TapeNode::untracked; }

void Tape::watch(const Tensor& x) {
    if (x.dtype() == DType::i32)
        throw TypeError("watch", "f32 or f64", "i32", "cast it first: integers have no gradient");
    if (tracks(x)) return;
    if (leaves_.empty()) nodes_ = x.backend()->take_nodes();
    x.body().places.push_back({id_, slot_count_++, Tensor::Place::any_version});
    leaves_.push_back(x);
}

std::uint32_t Tape::track_input(const Tensor& x) {
    const std::uint32_t slot = slot_of(x);
    if (slot != TapeNode::untracked || !x.is_parameter()) return slot;
    watch(x);
    return slot_count_ - 1;
}

// Does a live tape record what is computed now?
bool is_recording() {
    for (const Tape* tape = tape_stack.newest; tape != nullptr && tape->id_ >= tape_stack.first_live;
         tape = tape->older_)
        if (!tape->used_) return true;
    return false;
}

bool ops_are_timed() {
    for (const Tape* tape = tape_stack.newest; tape != nullptr && tape->id_ >= tape_stack.first_live;
         tape = tape->older_)
        if (tape->options_.time_ops) return true;
    return false;
}

void record(const RecordedOp& call) {
    for (Tape* tape = tape_stack.newest; tape != nullptr && tape->id_ >= tape_stack.first_live; tape = tape->older_) {
        // While a tape walks back, it looks at the gradients themselves and not at what a vjp makes on the way.
        if (tape->options_.check_finite && !tape->walking_)
            tape->check_values_finite(call.op.name, call.outputs, call.inputs);
        if (!tape->used_ && call.op.non_differentiable.empty()) tape->add_node(call);
    }
}

void Tape::check_values_finite(const std::string& what, std::span<const Tensor> made,
                               std::span<const Tensor> from) const {
    for (const Tensor& value : made)
        if (value.defined() && value.dtype() != DType::i32 && !all_finite(value))
            throw TapeError(what, "finite values", fmt::format("a NaN or an infinity, made from {}", describe(from)),
                            "look at the inputs of this op, or turn check_finite off");
}

void Tape::add_node(const RecordedOp& call) {
    const OpDef& op = call.op;
    InlineVector<std::uint32_t, 8> slots;
    bool tracked = false;
    for (std::size_t i = 0; i < call.inputs.size(); ++i) {
        const bool constant = std::ranges::count(op.constant_inputs, i) != 0;
        slots.push_back(constant ? TapeNode::untracked : track_input(call.inputs[i]));
        tracked |= slots.back() != TapeNode::untracked;
    }
    if (!tracked) return;
    TapeNode& node = nodes_.emplace_back();
    node.op = &op;
    node.attributes = call.attributes;
    node.native = call.native;
    node.seconds = call.seconds;
    for (std::size_t i = 0; i < call.inputs.size(); ++i)
        node.inputs.push_back({{call.inputs[i].shape(), call.inputs[i].dtype()}, slots[i], {}, 0});
    const std::size_t differentiable = call.outputs.size() - op.auxiliary_outputs;
    for (std::size_t i = 0; i < call.outputs.size(); ++i) {
        const Tensor& output = call.outputs[i];
        const bool tracked_output = output.dtype() != DType::i32 && i < differentiable;
        const std::uint32_t slot = tracked_output ? slot_count_++ : TapeNode::untracked;
        if (tracked_output) output.body().places.push_back({id_, slot, output.version()});
        node.outputs.push_back({{output.shape(), output.dtype()}, slot, {}, 0});
    }
    const auto save = [](TapeNode::Value& value, const Tensor& tensor) {
        value.saved = tensor;
        value.version = tensor.version();
    };
    if (op.vjp) {
        for (const std::size_t i : op.saves.inputs) save(node.inputs[i], call.inputs[i]);
        for (const std::size_t i : op.saves.outputs) save(node.outputs[i], call.outputs[i]);
    } else {
        for (std::size_t i = 0; i < call.inputs.size(); ++i) save(node.inputs[i], call.inputs[i]);
    }
    if (!options_.keep_values) return;
    Tensors& values = values_.emplace_back();
    for (const Tensor& input : call.inputs) values.push_back(input);
    for (const Tensor& output : call.outputs) values.push_back(output);
}

namespace {

// Adds a gradient to what arrived before, in the memory of one of both where nothing else knows it.
void accumulate(Tensor& sum, Tensor gradient) {
    if (!sum.defined()) {
        sum = std::move(gradient);
        return;
    }
    if (!sum.is_unshared() && gradient.is_unshared()) std::swap(sum, gradient);
    if (!sum.is_unshared() || is_recording()) {
        sum = add(sum, gradient);
        return;
    }
    OpProfile::Call profiled(sum.backend()->profile());
    const Tensor both[] = {std::move(sum), std::move(gradient)};
    call_kernel(kernels::add, {both[0], both[1]}, both[0]);
    profiled.finish("add", true, both, std::span(both, 1));
    sum = both[0];
}

}  // namespace

void Tape::run_vjp(const TapeNode& node, std::vector<Slot>& slots) const {
    const OpDef& op = *node.op;
    const auto check_version = [&](const TapeNode::Value& value, const char* what, std::size_t index) {
        if (value.saved.defined() && value.saved.version() != value.version)
            throw TapeError(op.name, fmt::format("{} {} as it was when it was recorded", what, index),
                            "a tensor that was overwritten since",
                            "run backward before an optimizer step or `assign` changes it");
    };
    Tensors arrived;
    InlineVector<char, 8> needed;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        check_version(node.inputs[i], "input", i);
        const bool is_needed = node.inputs[i].slot != TapeNode::untracked && slots[node.inputs[i].slot].relevant;
        needed.push_back(static_cast<char>(is_needed));
    }
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
        check_version(node.outputs[i], "output", i);
        const std::uint32_t slot = node.outputs[i].slot;
        arrived.push_back(slot == TapeNode::untracked ? Tensor() : slots[slot].gradient);
    }
    const VjpCall call(node, arrived, needed);
    Tensors results = op.vjp ? op.vjp(call) : differentiate_composition(op, call);
    if (results.size() != node.inputs.size())
        throw TapeError(op.name, fmt::format("{} gradients from its vjp, one an input", node.inputs.size()),
                        fmt::format("{}", results.size()), "mend the op's vjp");
    if (options_.check_finite) check_values_finite("gradient of " + op.name, results, arrived);
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (!needed[i]) continue;
        const TensorSpec& spec = node.inputs[i].spec;
        if (!results[i].defined() || results[i].dtype() != spec.dtype || !sums_down_to(results[i].shape(), spec.shape))
            throw TapeError(
                op.name,
                fmt::format("a gradient for input {} of {} {}", i, to_string(spec.dtype), to_string(spec.shape)),
                results[i].defined() ? to_string(results[i].dtype()) + " " + to_string(results[i].shape()) : "none",
                "mend the op's vjp");
        accumulate(slots[node.inputs[i].slot].gradient, sum_to(std::move(results[i]), spec.shape));
    }
}

// One sweep forward marks what depends on a wanted tensor; the rest needs no gradient and nothing saved.
std::vector<Tape::Slot> Tape::relevant_slots(std::span<const Tensor> wrt) {
    std::vector<Slot> slots(slot_count_);
    for (const Tensor& x : wrt)
        if (tracks(x)) slots[slot_of(x)].relevant = slots[slot_of(x)].wanted = true;
    for (TapeNode& node : nodes_) {
        const bool reaches = std::ranges::any_of(node.inputs, [&](const TapeNode::Value& input) {
            return input.slot != TapeNode::untracked && slots[input.slot].relevant;
        });
        if (!reaches) node.drop_saved();
        for (const TapeNode::Value& output : node.outputs)
            if (reaches && output.slot != TapeNode::untracked) slots[output.slot].relevant = true;
    }
    return slots;
}

std::vector<Tensor> Tape::walk_back(std::span<const Tensor> outputs, std::span<const Tensor> cotangents,
                                    std::span<const Tensor> wrt) {
    if (used_)
        throw TapeError("backward", "a tape that was not walked back yet", "a second backward pass",
                        "record the forward pass again under a new tape, or ask for all gradients in one call");
    for (const Tensor& x : wrt)
        if (!tracks(x) && !x.is_parameter())
            throw TapeError("gradient", "tensors that the tape tracks",
                            "one of shape " + to_string(x.shape()) + " that it does not",
                            "watch it before it is used: tape.watch(x)");
    used_ = true;
    walking_ = true;
    std::vector<Slot> slots = relevant_slots(wrt);
    for (std::size_t i = 0; i < outputs.size(); ++i)
        if (tracks(outputs[i])) accumulate(slots[slot_of(outputs[i])].gradient, cotangents[i]);
    for (auto node = nodes_.rbegin(); node != nodes_.rend(); ++node) {
        const bool reached = std::ranges::any_of(node->outputs, [&](const TapeNode::Value& output) {
            return output.slot != TapeNode::untracked && slots[output.slot].relevant &&
                   slots[output.slot].gradient.defined();
        });
        if (reached) run_vjp(*node, slots);
        node->drop_saved();
        for (const TapeNode::Value& output : node->outputs)
            if (output.slot != TapeNode::untracked && !slots[output.slot].wanted) slots[output.slot].gradient = {};
    }
    walking_ = false;
    std::vector<Tensor> results;
    for (const Tensor& x : wrt) results.push_back(tracks(x) ? slots[slot_of(x)].gradient : Tensor());
    return results;
}

std::vector<Tensor> Tape::pull_back(std::span<const Tensor> outputs, std::span<const Tensor> cotangents,
                                    std::span<const Tensor> wrt) {
    check_cotangents(outputs, cotangents);
    std::vector<Tensor> gradients = walk_back(outputs, cotangents, wrt);
    for (std::size_t i = 0; i < wrt.size(); ++i)
        if (!gradients[i].defined()) gradients[i] = zeros_like(wrt[i]);
    return gradients;
}

namespace {

// The gradient of a loss: `given`, or 1.
Tensor seed_for(const Tensor& loss, const Tensor& given = {}) {
    if (loss.size() != 1)
        throw ShapeError("backward", "a loss with one element", to_string(loss.shape()),
                         "reduce it first, by sum or mean");
    return given.defined() ? given : full(loss.backend(), loss.shape(), 1, loss.dtype());
}

}  // namespace

std::vector<Tensor> Tape::gradient(const Tensor& loss, std::span<const Tensor> wrt) {
    const Tensor one = seed_for(loss);
    return pull_back(std::span(&loss, 1), std::span(&one, 1), wrt);
}

std::vector<Tensor> Tape::gradient(const Tensor& loss, std::initializer_list<Tensor> wrt) {
    return gradient(loss, std::span(wrt.begin(), wrt.size()));
}

void Tape::backward(const Tensor& loss, const Tensor& gradient) {
    const Tensor seed = seed_for(loss, gradient);
    check_cotangents(std::span(&loss, 1), std::span(&seed, 1));
    if (!used_ && !tracks(loss))
        throw TapeError("backward", "a loss computed under this tape from a parameter or a watched tensor",
                        "one that the tape did not record", "compute the loss while the tape lives");
    std::vector<Tensor> parameters;
    std::ranges::copy_if(leaves_, std::back_inserter(parameters), &Tensor::is_parameter);
    if (!used_ && parameters.empty())
        throw TapeError("backward", "a loss computed from a parameter", "one from watched tensors alone",
                        "call gradient(loss, {x}) for these");
    std::vector<Tensor> gradients = walk_back(std::span(&loss, 1), std::span(&seed, 1), parameters);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        if (!gradients[i].defined()) continue;
        Tensor sum = parameters[i].grad();
        parameters[i].set_grad({});  // so that the addition may be made in place
        try {
            accumulate(sum, std::move(gradients[i]));
        } catch (...) {
            parameters[i].set_grad(sum);
            throw;
        }
        parameters[i].set_grad(sum);
    }
}

Tensors differentiate_composition(const OpDef& op, const VjpCall& call) {
    // Each input gets a handle of its own: the same tensor may stand in two places.
    Tensors inputs;
    std::vector<Tensor> wanted;
    for (std::size_t i = 0; i < call.input_count(); ++i)
        inputs.push_back(call.needs(i) ? reshape(call.input(i), call.input_shape(i)) : call.input(i));
    Tape tape;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (!call.needs(i)) continue;
        tape.watch(inputs[i]);
        wanted.push_back(inputs[i]);
    }
    const Tensors outputs = op.compose(inputs, call.attributes);
    std::vector<Tensor> reached, cotangents;
    for (std::size_t k = 0; k < outputs.size(); ++k) {
        if (!call.has_gradient(k)) continue;
        reached.push_back(outputs[k]);
        cotangents.push_back(call.gradient(k));
    }
    std::vector<Tensor> gradients = tape.pull_back(reached, cotangents, wanted);
    Tensors results(call.input_count());
    for (std::size_t i = 0, next = 0; i < results.size(); ++i)
        if (call.needs(i)) results[i] = gradients[next++];
    return results;
}

}  // namespace tapegrad
