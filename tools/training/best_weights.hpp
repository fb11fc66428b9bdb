// The weights with which a run did best so far.
#pragma once

#include <optional>
#include <vector>

#include "nn/module.hpp"

namespace tapegrad {

/// How good a model is on some of the nodes.
struct Score {
    double loss;      ///< mean cross entropy
    double accuracy;  ///< fraction of nodes
};

struct BestWeights {
    int epoch = -1;                       ///< counted from 0; -1: none yet
    std::optional<Score> validation;      ///< none without evaluation
    std::vector<NamedParameter> weights;  ///< copies

    /// Takes the weights over if they are better: a higher validation accuracy, or an equal one and a lower loss.
    /// Without validation, later ones are better.
    void update(int epoch_now, const std::optional<Score>& score, const std::vector<NamedParameter>& parameters);
};

}  // namespace tapegrad
