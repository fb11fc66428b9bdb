#include "tools/training/evaluation_step.hpp"

#include <array>
#include <vector>

#include <fmt/format.h>

#include "autograd/errors.hpp"
#include "autograd/ops/join.hpp"
#include "tools/common/log.hpp"

namespace tapegrad {

void EvaluationStep::begin() {
    constexpr int before_recording = 2;  // as TrainingStep does
    if (!work_ && may_record_ && computed_++ == before_recording) record();
    if (work_) work_->replay();
    coming_.emplace(work_ ? measured_ : measure(evaluation_logits(model_, data_)));
}

Evaluation EvaluationStep::finish() {
    const std::vector<double> measured = coming_->take();
    const auto part = [](double count, const LabelledRows& rows) {
        return count / static_cast<double>(rows.labels.size());
    };
    return {.validation = {.loss = measured.at(0), .accuracy = part(measured.at(1), data_.validation)},
            .train_accuracy = part(measured.at(2), data_.train)};
}

Tensor EvaluationStep::logits() {
    if (!work_) return evaluation_logits(model_, data_);
    work_->replay();
    return logits_;
}

// [3]: the loss of the validation nodes, and how many of them and of the training nodes are right.
Tensor EvaluationStep::measure(const Tensor& logits) const {
    return stack(std::array{cross_entropy(logits, data_.validation), count_correct(logits, data_.validation),
                            count_correct(logits, data_.train)});
}

void EvaluationStep::record() {
    try {
        work_ = std::make_unique<CapturedWork>(
            data_.train.labels.backend(),
            [&] {
                logits_ = evaluation_logits(model_, data_);
                measured_ = measure(logits_);
            },
            training_.last_work());
    } catch (const BackendError& error) {
        may_record_ = false;
        if (training_.tells()) log(LogLevel::info, fmt::format("evaluations are computed op by op: {}", error.what()));
    }
}

}  // namespace tapegrad
