// When to stop training, and with which weights.
#pragma once

#include <limits>
#include <optional>
#include <vector>

#include "nn/module.hpp"

namespace tapegrad {

enum class StoppingRule {
    /// Velickovic et al. 2018: stop after `patience` epochs in a row in which neither the validation accuracy nor the
    /// validation loss was at least as good as its best so far. The weights of the last epoch in which both were are
    /// kept.
    accuracy_or_loss,
    /// Kipf and Welling 2017, as in their code: stop when, after more than `patience` + 1 epochs, the validation loss
    /// is above the mean of the `patience` losses before it. The last weights are kept. Their loss holds the L2 term of
    /// the first layer; this one is what it is given.
    loss_above_mean,
    /// Stop after `patience` epochs in a row in which the validation loss was not below its lowest so far. The weights
    /// of the epoch with the lowest are kept.
    lowest_loss,
};

/// All that `EarlyStopping` knows between two epochs.
struct EarlyStoppingState {
    std::vector<double> losses;  ///< of every epoch so far
    double best_loss = std::numeric_limits<double>::infinity();
    double best_accuracy = 0;
    int epochs_without_best = 0;
    std::optional<int> best_epoch;
    std::vector<NamedParameter> kept;  ///< the weights of best_epoch; empty before there is one, and without such weights
};

/// Watches the validation of a model, epoch by epoch.
class EarlyStopping {
public:
    /// `patience` is at least 1.
    EarlyStopping(StoppingRule rule, int patience, std::vector<NamedParameter> parameters);

    /// Takes in the next epoch, with the weights that the model has now. Returns whether to stop.
    bool update(double validation_loss, double validation_accuracy);
    /// The epoch, counted from 0, whose weights are kept; none as long as no loss was a number.
    std::optional<int> best_epoch() const { return state_.best_epoch; }
    /// Writes the kept weights into the parameters.
    void restore() const;

    /// For going on later. The tensors are handles on the kept weights, which the next `update` may write to.
    const EarlyStoppingState& state() const { return state_; }
    /// Goes on from a state of the same rule and parameters, of which it takes copies.
    void set_state(const EarlyStoppingState& state);

private:
    bool update_accuracy_or_loss(double loss, double accuracy);
    bool update_loss_above_mean(double loss);
    bool update_lowest_loss(double loss);
    void keep_weights();

    StoppingRule rule_;
    int patience_;
    std::vector<NamedParameter> parameters_;
    EarlyStoppingState state_;
};

}  // namespace tapegrad
