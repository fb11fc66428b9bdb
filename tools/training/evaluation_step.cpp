#include "tools/training/evaluation_step.hpp"

#include <array>
#include <vector>

#include <fmt/format.h>

#include "autograd/errors.hpp"
#include "autograd/ops/join.hpp"
#include "autograd/tape.hpp"
#include "tools/common/log.hpp"

namespace tapegrad {

Evaluation EvaluationStep::run() {
    constexpr int before_recording = 2;  // as TrainingStep does
    if (!work_ && may_record_ && computed_++ == before_recording) record();
    if (work_) work_->replay();
    const std::vector<double> measured = (work_ ? measured_ : measure()).values<double>();
    const auto part = [](double count, const LabelledRows& rows) {
        return count / static_cast<double>(rows.labels.size());
    };
    return {.validation = {.loss = measured[0], .accuracy = part(measured[1], data_.validation)},
            .train_accuracy = part(measured[2], data_.train)};
}

// [3]: the loss of the validation nodes, and how many of them and of the training nodes are right.
Tensor EvaluationStep::measure() const {
    const NoTape no_tape;
    const Tensor logits = evaluation_logits(model_, data_);
    return stack(std::array{cross_entropy(logits, data_.validation), correct(logits, data_.validation),
                            correct(logits, data_.train)});
}

void EvaluationStep::record() {
    try {
        work_ = std::make_unique<CapturedWork>(
            data_.train.labels.backend(), [&] { measured_ = measure(); }, training_.work());
    } catch (const BackendError& error) {
        may_record_ = false;
        log(LogLevel::info, fmt::format("evaluations are computed op by op: {}", error.what()));
    }
}

}  // namespace tapegrad
