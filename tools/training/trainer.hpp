// The training loop, epoch by epoch, which can be left after any epoch and gone on with later.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "autograd/errors.hpp"
#include "tools/training/best_weights.hpp"
#include "tools/training/evaluation_step.hpp"
#include "tools/training/training.hpp"
#include "tools/training/training_step.hpp"

namespace tapegrad {

/// All that training depends on between two epochs: the same state goes on to the same bits.
struct TrainerState {
    int epochs = 0;  ///< that were made
    bool stopped = false;
    std::int64_t optimizer_steps = 0;
    std::vector<NamedParameter> parameters;
    std::vector<NamedParameter> averages;  ///< of the optimizer
    EarlyStoppingState stopping;
    BestWeights best;
    double seconds = 0;  ///< of training so far
};

/// A loss that is not a finite number ended an epoch, or all of training.
class NonFiniteLoss : public TapeError {
public:
    NonFiniteLoss(int epoch, double loss, const std::string& which);
    int epoch() const { return epoch_; }
    double loss() const { return loss_; }

private:
    int epoch_;
    double loss_;
};

struct EpochReport {
    int epoch;                        ///< counted from 0
    double train_loss;                ///< before the step, with dropout
    std::optional<Score> validation;  ///< after the step, without dropout
    double step_seconds;  ///< until the loss was there; without what a device computed of it in the epoch before
    std::optional<double> train_accuracy{};  ///< as validation
};

struct TrainingResult {
    int epochs;      ///< that were made
    int steps;       ///< of them, since training was begun or gone on with
    int best_epoch;  ///< whose weights the model has now, counted from 0
    Score validation, test;
    double step_seconds;    ///< of all forward, backward and update in `steps`, as far as they were waited for
    double train_seconds;   ///< of the loop, with all evaluation in it
    double step_ms_median;  ///< of forward, backward and update, as far as they were waited for
    double eval_ms_median;  ///< of a forward pass and the scores taken from it, as far as they were waited for
};

/// Trains a model; it, the optimizer and the data outlive the trainer.
class Trainer {
public:
    Trainer(Module& model, Optimizer& optimizer, const GraphData& data, const TrainingOptions& options);

    /// Whether all epochs are made, or early stopping said so.
    bool done() const { return stopped_ || epochs_ >= options_.epochs; }
    int epochs() const { return epochs_; }
    const BestWeights& best() const { return best_; }

    /// One training step and a look at the validation nodes. A device that can (`Backend::can_download_later`) gets the
    /// forward and backward of the next step before that look, so that it does not stand still meanwhile: between two
    /// epochs nobody but `set_state` and `finish` may change the weights. Throws NonFiniteLoss; the state is then that
    /// before the epoch, but for the weights and the optimizer.
    EpochReport run_epoch();

    /// A copy of everything.
    TrainerState state() const;
    /// Goes on from a state of an equal model and optimizer. Throws as `assign_parameters` does, with `source` in
    /// front, and DataError for copies of weights that are not those of the model.
    void set_state(const TrainerState& state, const std::string& source);

    /// Leaves the model with the weights of the best epoch, or of the last one without early stopping, and scores them.
    /// Throws NonFiniteLoss.
    TrainingResult finish();

private:
    bool goes_ahead() const;

    Optimizer& optimizer_;
    const GraphData& data_;
    TrainingOptions options_;
    TrainingStep step_;
    EvaluationStep evaluation_;
    std::vector<NamedParameter> parameters_;
    std::optional<EarlyStopping> stopping_;
    BestWeights best_;
    int epochs_ = 0;
    bool stopped_ = false;
    double seconds_ = 0;
    std::vector<double> step_seconds_, evaluation_seconds_;
};

/// All epochs and `finish`; `report` is called after each epoch.
TrainingResult train(Module& model, Optimizer& optimizer, const GraphData& data, const TrainingOptions& options,
                     const std::function<void(const EpochReport&)>& report);

}  // namespace tapegrad
