// The tape: what was computed, in order, so that gradients can be computed by walking back.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "autograd/op.hpp"

namespace tapegrad {

struct TapeOptions {
    /// Stop at the first op (or gradient of an op) that makes a NaN or an infinity, and name it.
    bool check_finite = false;
    /// Measure how long each op takes, for `explain`.
    bool time_ops = false;
    /// Keep every value that an op takes or makes, for whoever wants to see the numbers: `values` hands them out.
    bool keep_values = false;
};

/// One recorded op. The tensors are those that its vjp needs; the specs of all inputs and outputs stay.
struct TapeNode {
    /// No gradient flows here.
    static constexpr std::uint32_t untracked = 0xffffffff;

    struct Value {
        TensorSpec spec;
        std::uint32_t slot = untracked;
        Tensor saved;
        std::uint64_t version = 0;
    };
    const OpDef* op = nullptr;
    Attributes attributes;
    InlineVector<Value, 2> inputs;
    InlineVector<Value, 1> outputs;
    bool native = false;
    double seconds = 0;

    void drop_saved() {
        for (Value& input : inputs) input.saved = {};
        for (Value& output : outputs) output.saved = {};
    }
};

/// A scope that records ops. Live tapes of a thread form a stack and all of them record; parameters are watched by
/// every tape, other tensors after `watch`. One backward pass uses a tape up. A tape ends on the thread that made it.
class Tape {
public:
    explicit Tape(TapeOptions options = {});
    ~Tape();
    Tape(const Tape&) = delete;
    Tape& operator=(const Tape&) = delete;

    /// Records what is computed from `x` from now on.
    void watch(const Tensor& x);
    /// Does a gradient of something recorded so far reach back through `x`?
    bool tracks(const Tensor& x) const;

    /// Adds the gradients of `loss` (one element) into `grad()` of the parameters it was computed from; `gradient` is
    /// that of the loss, 1 if undefined. Throws ShapeError for a loss of another size, TapeError when the tape did not
    /// record it or was used up.
    void backward(const Tensor& loss, const Tensor& gradient = {});
    /// The gradients of `loss` (one element) with respect to `wrt`; zeros for a tensor that the loss does not use.
    /// Touches no `grad()`. Throws ShapeError for a loss of another size, TapeError for a tensor that was not watched
    /// and when the tape was used up.
    std::vector<Tensor> gradient(const Tensor& loss, std::span<const Tensor> wrt);
    std::vector<Tensor> gradient(const Tensor& loss, std::initializer_list<Tensor> wrt);
    /// The gradients of sum_k <cotangents[k], outputs[k]>. Throws as `gradient` does, and ShapeError or TypeError for
    /// a cotangent that is not like its output.
    std::vector<Tensor> pull_back(std::span<const Tensor> outputs, std::span<const Tensor> cotangents,
                                  std::span<const Tensor> wrt);

    const std::vector<TapeNode>& nodes() const { return nodes_; }
    /// With `keep_values`: the inputs of each node in order, then its outputs; otherwise empty. They outlive backward,
    /// and a parameter among them has the elements that it has now.
    const std::vector<Tensors>& values() const { return values_; }

private:
    friend void record(const struct RecordedOp& call);
    friend bool ops_are_timed();
    friend bool is_recording();
    friend class NoTape;

    std::uint32_t slot_of(const Tensor& x) const;
    std::uint32_t track_input(const Tensor& x);
    void add_node(const struct RecordedOp& call);
    void check_values_finite(const std::string& what, std::span<const Tensor> made, std::span<const Tensor> from) const;
    // The gradients that reach `wrt`, undefined where none does.
    std::vector<Tensor> walk_back(std::span<const Tensor> outputs, std::span<const Tensor> cotangents,
                                  std::span<const Tensor> wrt);
    // What is known about a value while its tape is walked back.
    struct Slot {
        Tensor gradient;        // what arrived so far
        bool relevant = false;  // does it depend on a wanted tensor?
        bool wanted = false;
    };
    std::vector<Slot> relevant_slots(std::span<const Tensor> wrt);
    void run_vjp(const TapeNode& node, std::vector<Slot>& slots) const;

    TapeOptions options_;
    std::uint64_t id_;
    bool used_ = false;
    bool walking_ = false;
    std::vector<TapeNode> nodes_;
    std::vector<Tensors> values_;
    std::uint32_t slot_count_ = 0;
    std::vector<Tensor> leaves_;
    Tape* older_;
};

/// Suspends, while it lives, the tapes that are live now.
class NoTape {
public:
    NoTape();
    ~NoTape();
    NoTape(const NoTape&) = delete;
    NoTape& operator=(const NoTape&) = delete;

private:
    std::uint64_t before_;
};

/// An op that ran, for the tapes.
struct RecordedOp {
    const OpDef& op;
    std::span<const Tensor> inputs;
    std::span<const Tensor> outputs;
    const Attributes& attributes;
    bool native;
    double seconds;
};

/// Is there a live tape that records?
bool is_recording();

/// Is there a live tape that measures time?
bool ops_are_timed();

/// Puts the op on every live tape that tracks one of its inputs. Called by `apply` alone.
void record(const RecordedOp& call);

}  // namespace tapegrad
