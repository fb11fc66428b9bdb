#include "tools/training/trainer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <utility>

#include "nn/safetensors.hpp"

namespace tapegrad {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// 0 for none.
double median_ms(std::vector<double> seconds) {
    if (seconds.empty()) return 0;
    const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
    std::nth_element(seconds.begin(), middle, seconds.end());
    return 1000 * *middle;
}

void check_finite_loss(double loss, int epoch, const char* which) {
    if (!std::isfinite(loss)) throw NonFiniteLoss(epoch, loss, which);
}

// Copies of weights are walked side by side with the parameters.
void check_copies(const std::vector<NamedParameter>& copies, const std::vector<NamedParameter>& parameters,
                  const std::string& where) {
    const auto alike = [](const NamedParameter& copy, const NamedParameter& parameter) {
        return copy.first == parameter.first && copy.second.shape() == parameter.second.shape() &&
               copy.second.dtype() == parameter.second.dtype();
    };
    if (!copies.empty() && !std::ranges::equal(copies, parameters, alike))
        throw DataError(where, "a copy of each parameter of the model, in their order", "other tensors",
                        "It is damaged, or of another model: use another one");
}

}  // namespace

NonFiniteLoss::NonFiniteLoss(int epoch, double loss, const std::string& which)
    : TapeError(fmt::format("training, epoch {}", epoch), fmt::format("a finite {} loss", which),
                fmt::format("{}", loss),
                "Lower the learning rate, or set training.check_finite to see which op made it"),
      epoch_(epoch),
      loss_(loss) {}

Trainer::Trainer(Module& model, Optimizer& optimizer, const GraphData& data, const TrainingOptions& options)
    : optimizer_(optimizer),
      data_(data),
      options_(options),
      step_(model, optimizer, data, options),
      evaluation_(model, data, options, step_),
      parameters_(model.parameters()) {
    if (options.early_stopping)
        stopping_.emplace(options.early_stopping->rule, options.early_stopping->patience, parameters_);
}

// Only what was recorded is begun before its time: it asks for no memory.
bool Trainer::goes_ahead() const {
    return step_.is_recorded() && (!options_.evaluate || evaluation_.is_recorded()) &&
           data_.train.labels.backend()->can_download_later();
}

EpochReport Trainer::run_epoch() {
    const Clock::time_point start = Clock::now();
    std::optional<AttachedProfile> attached;
    if (options_.profile != nullptr) attached.emplace(data_.train.labels.backend(), options_.profile);
    step_.update(epochs_);
    attached.reset();
    const bool ahead = goes_ahead();
    if (ahead) {
        if (options_.evaluate) evaluation_.begin();
        if (epochs_ + 1 < options_.epochs) step_.begin(epochs_ + 1);
    }
    const double loss = step_.loss();
    check_finite_loss(loss, epochs_, "training");
    const double step_seconds = seconds_since(start);

    std::optional<Score> validation;
    std::optional<double> train_accuracy;
    if (options_.evaluate) {
        const Clock::time_point evaluation_start = Clock::now();
        if (!ahead) evaluation_.begin();
        const Evaluation evaluation = evaluation_.finish();
        evaluation_seconds_.push_back(seconds_since(evaluation_start));
        validation = evaluation.validation;
        train_accuracy = evaluation.train_accuracy;
        if (!options_.check_finite) check_finite_loss(validation->loss, epochs_, "validation");  // else the op is told
    }
    best_.update(epochs_, validation, parameters_);
    if (stopping_) stopped_ = stopping_->update(validation->loss, validation->accuracy);
    step_seconds_.push_back(step_seconds);
    seconds_ += seconds_since(start);
    return {epochs_++, loss, validation, step_seconds, train_accuracy};
}

TrainerState Trainer::state() const {
    TrainerState state{.epochs = epochs_,
                       .stopped = stopped_,
                       .optimizer_steps = optimizer_.steps(),
                       .parameters = copies_of(parameters_),
                       .averages = copies_of(optimizer_.state()),
                       .best = best_,
                       .seconds = seconds_};
    state.best.weights = copies_of(best_.weights);
    if (stopping_) {
        state.stopping = stopping_->state();
        state.stopping.kept = copies_of(state.stopping.kept);
    }
    return state;
}

void Trainer::set_state(const TrainerState& state, const std::string& source) {
    check_copies(state.best.weights, parameters_, source + ", best weights");
    check_copies(state.stopping.kept, parameters_, source + ", weights kept by early stopping");
    step_.forget_begun();
    assign_parameters(parameters_, state.parameters, source);
    assign_parameters(optimizer_.state(), state.averages, source);
    optimizer_.set_steps(state.optimizer_steps);
    best_ = state.best;
    best_.weights = copies_of(state.best.weights);
    if (stopping_) stopping_->set_state(state.stopping);
    epochs_ = state.epochs;
    stopped_ = state.stopped;
    seconds_ = state.seconds;
}

TrainingResult Trainer::finish() {
    step_.forget_begun();
    if (stopping_) stopping_->restore();
    const double all_steps = std::accumulate(step_seconds_.begin(), step_seconds_.end(), 0.0);
    const Clock::time_point start = Clock::now();
    const Tensor logits = evaluation_.logits();
    const Score validation = score_of(logits, data_.validation), test = score_of(logits, data_.test);
    evaluation_seconds_.push_back(seconds_since(start));
    if (!std::isfinite(validation.loss) || !std::isfinite(test.loss))
        throw NonFiniteLoss(epochs_ - 1, std::isfinite(validation.loss) ? test.loss : validation.loss,
                            "validation and test");
    return {.epochs = epochs_,
            .steps = static_cast<int>(step_seconds_.size()),
            .best_epoch = stopping_ ? stopping_->best_epoch().value_or(epochs_ - 1) : epochs_ - 1,
            .validation = validation,
            .test = test,
            .step_seconds = all_steps,
            .train_seconds = seconds_,
            .step_ms_median = median_ms(step_seconds_),
            .eval_ms_median = median_ms(evaluation_seconds_)};
}

TrainingResult train(Module& model, Optimizer& optimizer, const GraphData& data, const TrainingOptions& options,
                     const std::function<void(const EpochReport&)>& report) {
    Trainer trainer(model, optimizer, data, options);
    while (!trainer.done()) report(trainer.run_epoch());
    return trainer.finish();
}

}  // namespace tapegrad
