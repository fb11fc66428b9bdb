#include "tools/training/training_step.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "autograd/errors.hpp"
#include "autograd/tape.hpp"
#include "tools/common/log.hpp"

namespace tapegrad {

void TrainingStep::update(int epoch) {
    if (is_recorded()) {
        if (begun_ != epoch) begin(epoch);
        begun_.reset();
        optimizer_.begin_step();
        update_->replay();
        coming_loss_.emplace(loss_);
        return;
    }
    computed_loss_ = train_step(model_, optimizer_, data_, options_, epoch);
    // The first step allocates memory, and the second what the first did not know yet.
    constexpr int before_recording = 2;
    const bool can_record = data_.train.labels.backend()->can_capture() && !options_.check_finite &&
                            options_.profile == nullptr && std::isfinite(computed_loss_);
    if (can_record && ++computed_ == before_recording) record();
}

double TrainingStep::loss() {
    if (!coming_loss_) return computed_loss_;
    return checked_loss(coming_loss_->take().at(0), optimizer_);
}

void TrainingStep::begin(int epoch) {
    begun_.reset();
    set_random_key(key_, options_.seed, static_cast<std::uint32_t>(epoch));
    gradients_->replay();
    begun_ = epoch;
}

void TrainingStep::record() {
    const BackendPtr& backend = data_.train.labels.backend();
    key_ = random_key(backend, options_.seed, 0);
    one_ = full(backend, {}, 1, model_.parameters().front().second.dtype());
    optimizer_.zero_grad();
    try {
        auto gradients = std::make_unique<CapturedWork>(backend, [&] {
            Tape tape;
            loss_ = training_loss(model_, data_, RandomStream(key_));
            tape.backward(loss_, one_);
        });
        update_ = std::make_unique<CapturedWork>(
            backend, [&] { optimizer_.update_parameters(loss_); }, gradients.get());
        gradients_ = std::move(gradients);
        if (tells()) log(LogLevel::info, fmt::format("training steps are recorded, as {} launches each", launches()));
    } catch (const BackendError& error) {
        if (tells()) log(LogLevel::info, fmt::format("training steps are computed op by op: {}", error.what()));
    }
}

}  // namespace tapegrad
