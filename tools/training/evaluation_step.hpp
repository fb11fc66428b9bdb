// Forward passes without dropout one after another, recorded by backends that can.
#pragma once

#include <memory>

#include "autograd/captured_work.hpp"
#include "tools/training/training_step.hpp"

namespace tapegrad {

/// Gives what `evaluation_logits` gives, with the same bits. After some that are computed op by op, a backend that can
/// record (`Backend::can_capture`) gets all ops at once; not while options.check_finite looks at single ops.
class EvaluationStep {
public:
    /// All of it outlives the evaluations, which use the memory of the training steps again: the logits hold until the
    /// next one.
    EvaluationStep(Module& model, const GraphData& data, const TrainingOptions& options, const TrainingStep& training)
        : model_(model),
          data_(data),
          training_(training),
          may_record_(!options.check_finite && data.train.labels.backend()->can_capture()) {}

    /// The logits [N, C]; the next call may overwrite them.
    Tensor logits();
    bool is_recorded() const { return work_ != nullptr; }

private:
    Module& model_;
    const GraphData& data_;
    const TrainingStep& training_;
    bool may_record_;
    int computed_ = 0;
    Tensor logits_;  ///< where the recorded forward pass leaves them
    std::unique_ptr<CapturedWork> work_;
};

}  // namespace tapegrad
