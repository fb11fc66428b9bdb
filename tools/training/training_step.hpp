// Training steps one after another, recorded by backends that can: full-graph training makes the same kernel calls in
// each step.
#pragma once

#include <memory>

#include "autograd/captured_work.hpp"
#include "tools/training/training.hpp"

namespace tapegrad {

/// Makes steps as `train_step` does, with the same bits. After some that are computed op by op, a backend that can
/// record (`Backend::can_capture`) gets the whole step at once; not while options.check_finite or options.profile look
/// at single ops.
class TrainingStep {
public:
    /// All of it outlives the steps.
    TrainingStep(Module& model, Optimizer& optimizer, const GraphData& data, const TrainingOptions& options)
        : model_(model), optimizer_(optimizer), data_(data), options_(options) {}

    /// What `train_step` returns.
    double run(int epoch);
    bool is_recorded() const { return work_ != nullptr; }
    /// Whether the log hears how steps are made.
    bool tells() const { return data_.train.labels.backend()->computes(); }
    /// What is replayed, nullptr until it is recorded.
    const CapturedWork* work() const { return work_.get(); }

private:
    void record();
    double replay(int epoch);

    Module& model_;
    Optimizer& optimizer_;
    const GraphData& data_;
    TrainingOptions options_;
    int computed_ = 0;
    Tensor key_;   ///< what the recorded dropout draws from
    Tensor one_;   ///< the gradient of the loss
    Tensor loss_;  ///< where the recorded forward pass leaves it
    std::unique_ptr<CapturedWork> work_;
};

}  // namespace tapegrad
