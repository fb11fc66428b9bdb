// Training steps one after another, recorded by backends that can: full-graph training makes the same kernel calls in
// each step.
#pragma once

#include <memory>
#include <optional>

#include "autograd/captured_work.hpp"
#include "autograd/download.hpp"
#include "tools/training/training.hpp"

namespace tapegrad {

/// Makes steps as `train_step` does, with the same bits. After some that are computed op by op, a backend that can
/// record (`Backend::can_capture`) gets a step as two pieces of work, forward with backward and the update; not while
/// options.check_finite or options.profile look at single ops. The first piece writes no weights, so that it may be
/// begun before the weights were looked at.
class TrainingStep {
public:
    /// All of it outlives the steps.
    TrainingStep(Module& model, Optimizer& optimizer, const GraphData& data, const TrainingOptions& options)
        : model_(model), optimizer_(optimizer), data_(data), options_(options) {}

    /// What `train_step` returns.
    double run(int epoch) {
        update(epoch);
        return loss();
    }
    /// All of a step; a device may still be computing it afterwards.
    void update(int epoch);
    /// Waits for the loss of that step, and takes its count back if it is not finite; once after each `update`.
    double loss();
    /// Forward and backward of a recorded step: the next `update` is of this epoch, and of the weights by now.
    void begin(int epoch);
    /// As if nothing was begun: for whoever changes weights or replays other work of this memory.
    void forget_begun() { begun_.reset(); }

    bool is_recorded() const { return update_ != nullptr; }
    /// How many launches and copies a recorded step is.
    std::int64_t launches() const { return gradients_->size() + update_->size(); }
    /// Whether the log hears how steps are made.
    bool tells() const { return data_.train.labels.backend()->computes(); }
    /// What of a step is replayed last, nullptr until it is recorded.
    const CapturedWork* last_work() const { return update_.get(); }

private:
    void record();

    Module& model_;
    Optimizer& optimizer_;
    const GraphData& data_;
    TrainingOptions options_;
    int computed_ = 0;
    Tensor key_;   ///< what the recorded dropout draws from
    Tensor one_;   ///< the gradient of the loss
    Tensor loss_;  ///< where the recorded forward pass leaves it
    std::unique_ptr<CapturedWork> gradients_, update_;
    std::optional<int> begun_;             ///< the epoch
    std::optional<Download> coming_loss_;  ///< of a recorded step
    double computed_loss_ = 0;             ///< of a step that was computed op by op
};

}  // namespace tapegrad
