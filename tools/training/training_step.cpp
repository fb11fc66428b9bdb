#include "tools/training/training_step.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "autograd/errors.hpp"
#include "autograd/tape.hpp"
#include "tools/common/log.hpp"

namespace tapegrad {

double TrainingStep::run(int epoch) {
    if (is_recorded()) return replay(epoch);
    const double loss = train_step(model_, optimizer_, data_, options_, epoch);
    // The first step allocates memory, and the second what the first did not know yet.
    constexpr int before_recording = 2;
    const bool can_record = data_.train.labels.backend()->can_capture() && !options_.check_finite &&
                            options_.profile == nullptr && std::isfinite(loss);
    if (can_record && ++computed_ == before_recording) record();
    return loss;
}

void TrainingStep::record() {
    const BackendPtr& backend = data_.train.labels.backend();
    key_ = random_key(backend, options_.seed, 0);
    one_ = full(backend, {}, 1, model_.parameters().front().second.dtype());
    optimizer_.zero_grad();
    try {
        work_ = std::make_unique<CapturedWork>(backend, [&] {
            Tape tape;
            loss_ = training_loss(model_, data_, RandomStream(key_));
            tape.backward(loss_, one_);
            optimizer_.update_parameters(loss_);
        });
        if (tells())
            log(LogLevel::info, fmt::format("training steps are recorded, as {} launches each", work_->size()));
    } catch (const BackendError& error) {
        if (tells()) log(LogLevel::info, fmt::format("training steps are computed op by op: {}", error.what()));
    }
}

double TrainingStep::replay(int epoch) {
    set_random_key(key_, options_.seed, static_cast<std::uint32_t>(epoch));
    optimizer_.begin_step();
    work_->replay();
    return checked_loss(loss_, optimizer_);
}

}  // namespace tapegrad
