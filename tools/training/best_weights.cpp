#include "tools/training/best_weights.hpp"

namespace tapegrad {
namespace {

bool is_better(const std::optional<Score>& score, const std::optional<Score>& best) {
    if (!score || !best) return true;
    return score->accuracy > best->accuracy || (score->accuracy == best->accuracy && score->loss < best->loss);
}

}  // namespace

void BestWeights::update(int epoch_now, const std::optional<Score>& score,
                         const std::vector<NamedParameter>& parameters) {
    if (!is_better(score, validation)) return;
    epoch = epoch_now;
    validation = score;
    if (weights.empty()) {
        weights = copies_of(parameters);
        return;
    }
    for (std::size_t i = 0; i < parameters.size(); ++i) assign(weights[i].second, parameters[i].second);
}

}  // namespace tapegrad
