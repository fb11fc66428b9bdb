#include "nn/early_stopping.hpp"

#include <algorithm>
#include <numeric>

namespace tapegrad {

EarlyStopping::EarlyStopping(StoppingRule rule, int patience, std::vector<NamedParameter> parameters)
    : rule_(rule), patience_(patience), parameters_(std::move(parameters)) {}

bool EarlyStopping::update(double validation_loss, double validation_accuracy) {
    losses_.push_back(validation_loss);
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
    const bool accuracy_is_best = accuracy >= best_accuracy_;
    const bool loss_is_best = loss <= best_loss_;
    if (!accuracy_is_best && !loss_is_best) return ++epochs_without_best_ >= patience_;
    if (accuracy_is_best && loss_is_best) keep_weights();
    best_accuracy_ = std::max(best_accuracy_, accuracy);
    best_loss_ = std::min(best_loss_, loss);  // in this order, a NaN changes nothing
    epochs_without_best_ = 0;
    return false;
}

bool EarlyStopping::update_loss_above_mean(double loss) {
    best_epoch_ = static_cast<int>(losses_.size()) - 1;
    if (*best_epoch_ <= patience_) return false;
    const auto last = losses_.end() - 1;
    return loss > std::accumulate(last - patience_, last, 0.0) / patience_;
}

bool EarlyStopping::update_lowest_loss(double loss) {
    if (!(loss < best_loss_)) return ++epochs_without_best_ >= patience_;  // written so that a NaN is never the lowest
    keep_weights();
    best_loss_ = loss;
    epochs_without_best_ = 0;
    return false;
}

void EarlyStopping::keep_weights() {
    best_epoch_ = static_cast<int>(losses_.size()) - 1;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        if (kept_.size() == i) kept_.push_back(zeros_like(parameters_[i].second));
        assign(kept_[i], parameters_[i].second);
    }
}

void EarlyStopping::restore() const {
    for (std::size_t i = 0; i < kept_.size(); ++i) assign(parameters_[i].second, kept_[i]);
}

}  // namespace tapegrad
