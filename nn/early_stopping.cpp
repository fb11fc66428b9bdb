#include "nn/early_stopping.hpp"

#include <algorithm>
#include <numeric>

namespace tapegrad {

EarlyStopping::EarlyStopping(StoppingRule rule, int patience, std::vector<NamedParameter> parameters)
    : rule_(rule), patience_(patience), parameters_(std::move(parameters)) {}

bool EarlyStopping::update(double validation_loss, double validation_accuracy) {
    state_.losses.push_back(validation_loss);
    switch (rule_) {
        case StoppingRule::loss_above_mean:
            return update_loss_above_mean(validation_loss);
        case StoppingRule::lowest_loss:
            return update_lowest_loss(validation_loss);
        case StoppingRule::accuracy_or_loss:
            break;
    }
    return update_accuracy_or_loss(validation_loss, validation_accuracy);
}

bool EarlyStopping::update_accuracy_or_loss(double loss, double accuracy) {
    const bool accuracy_is_best = accuracy >= state_.best_accuracy;
    const bool loss_is_best = loss <= state_.best_loss;
    if (!accuracy_is_best && !loss_is_best) return ++state_.epochs_without_best >= patience_;
    if (accuracy_is_best && loss_is_best) keep_weights();
    state_.best_accuracy = std::max(state_.best_accuracy, accuracy);
    state_.best_loss = std::min(state_.best_loss, loss);  // in this order, a NaN changes nothing
    state_.epochs_without_best = 0;
    return false;
}

bool EarlyStopping::update_loss_above_mean(double loss) {
    state_.best_epoch = static_cast<int>(state_.losses.size()) - 1;
    if (*state_.best_epoch <= patience_) return false;
    const auto last = state_.losses.end() - 1;
    return loss > std::accumulate(last - patience_, last, 0.0) / patience_;
}

bool EarlyStopping::update_lowest_loss(double loss) {
    if (!(loss < state_.best_loss))
        return ++state_.epochs_without_best >= patience_;  // written so that a NaN is never the lowest
    keep_weights();
    state_.best_loss = loss;
    state_.epochs_without_best = 0;
    return false;
}

void EarlyStopping::keep_weights() {
    state_.best_epoch = static_cast<int>(state_.losses.size()) - 1;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        const auto& [name, parameter] = parameters_[i];
        if (state_.kept.size() == i) state_.kept.emplace_back(name, zeros_like(parameter));
        assign(state_.kept[i].second, parameter);
    }
}

void EarlyStopping::restore() const {
    for (std::size_t i = 0; i < state_.kept.size(); ++i) assign(parameters_[i].second, state_.kept[i].second);
}

void EarlyStopping::set_state(const EarlyStoppingState& state) {
    state_ = state;
    state_.kept = copies_of(state.kept);
}

}  // namespace tapegrad
