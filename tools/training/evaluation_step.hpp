// Looks at a model after each step, recorded by backends that can.
#pragma once

#include <memory>
#include <optional>

#include "autograd/captured_work.hpp"
#include "autograd/download.hpp"
#include "tools/training/training_step.hpp"

namespace tapegrad {

/// What a forward pass without dropout shows.
struct Evaluation {
    Score validation;
    double train_accuracy;
};

/// Gives what `evaluate` and `accuracy` give, with the same bits. After some that are computed op by op, a backend that
/// can record (`Backend::can_capture`) gets all ops at once; not while options.check_finite looks at single ops.
/// What comes out is downloaded together, for each download that is waited for costs a pause of the device.
class EvaluationStep {
public:
    /// All of it outlives the evaluations, which use the memory of the training steps again.
    EvaluationStep(Module& model, const GraphData& data, const TrainingOptions& options, const TrainingStep& training)
        : model_(model),
          data_(data),
          training_(training),
          may_record_(!options.check_finite && data.train.labels.backend()->can_capture()) {}

    Evaluation run() {
        begin();
        return finish();
    }
    /// All but to wait for what comes out.
    void begin();
    /// Waits for what was begun last; once after each `begin`.
    Evaluation finish();
    /// The logits [N, C] of the weights of now; the next evaluation may overwrite them.
    Tensor logits();
    bool is_recorded() const { return work_ != nullptr; }

private:
    Tensor measure(const Tensor& logits) const;
    void record();

    Module& model_;
    const GraphData& data_;
    const TrainingStep& training_;
    bool may_record_;
    int computed_ = 0;
    Tensor logits_, measured_;        ///< where recorded work leaves them
    std::optional<Download> coming_;  ///< the numbers that were measured
    std::unique_ptr<CapturedWork> work_;
};

}  // namespace tapegrad
