// Which op made the first value that is not finite.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/training/trainer.hpp"

namespace tapegrad {

/// The name of the first tensor that holds a NaN or an infinity, if there is one.
std::optional<std::string> first_non_finite(const std::vector<NamedParameter>& tensors);

struct NonFiniteOrigin {
    TrainerState last_good;  ///< before the last epoch whose training loss was finite
    std::string op;          ///< what check_finite said of the first op; empty if none in a training step was to blame
};

/// For a training from `state` whose loss does not stay finite: trains again to the last finite training loss, which
/// gives the same numbers, and then with check_finite.
NonFiniteOrigin find_first_non_finite(Module& model, Optimizer& optimizer, const GraphData& data,
                                      TrainingOptions options, const TrainerState& state);

}  // namespace tapegrad
