#include "tools/training/evaluation_step.hpp"

#include <fmt/format.h>

#include "autograd/errors.hpp"
#include "tools/common/log.hpp"

namespace tapegrad {

Tensor EvaluationStep::logits() {
    constexpr int before_recording = 2;  // as TrainingStep does
    if (!work_ && may_record_ && computed_++ == before_recording) {
        try {
            work_ = std::make_unique<CapturedWork>(
                data_.train.labels.backend(), [&] { logits_ = evaluation_logits(model_, data_); }, training_.work());
        } catch (const BackendError& error) {
            may_record_ = false;
            log(LogLevel::info, fmt::format("evaluations are computed op by op: {}", error.what()));
        }
    }
    if (!work_) return evaluation_logits(model_, data_);
    work_->replay();
    return logits_;
}

}  // namespace tapegrad
