// The steps of full-graph training: each sees all nodes, and the loss is that of the training nodes.
#pragma once

#include <cstdint>
#include <optional>

#include "autograd/profile.hpp"
#include "nn/early_stopping.hpp"
#include "nn/optimizer.hpp"
#include "tools/training/best_weights.hpp"
#include "tools/training/graph_data.hpp"

namespace tapegrad {

struct StoppingOptions {
    StoppingRule rule;
    int patience;
};

struct TrainingOptions {
    int epochs;
    bool evaluate;  ///< look at the validation nodes after every epoch; early stopping needs it
    std::optional<StoppingOptions> early_stopping;
    bool check_finite;
    std::uint64_t seed;            ///< of dropout
    OpProfile* profile = nullptr;  ///< counts the ops of the training steps
};

/// The options in the config's "training". Throws ConfigError for early stopping without evaluation.
TrainingOptions training_options(const nlohmann::json& settings, std::uint64_t seed);

/// The mean cross entropy of the training nodes, with dropout that draws from `random`; the live tapes record it.
Tensor training_loss(Module& model, const GraphData& data, RandomStream random);

/// The loss of a step that was made with the loss as its guard; takes the count of the step back if it is not finite.
double checked_loss(double loss, Optimizer& optimizer);

/// One step: forward, backward, update; `epoch` numbers its dropout masks. Returns the loss, with dropout and before
/// the update; for a loss that is not finite, the weights stay as they are.
double train_step(Module& model, Optimizer& optimizer, const GraphData& data, const TrainingOptions& options,
                  int epoch);

/// The logits [N, C] of a forward pass without dropout.
Tensor evaluation_logits(Module& model, const GraphData& data);
/// How good logits are on some of the nodes.
Score score_of(const Tensor& logits, const LabelledRows& rows);
/// Both.
Score evaluate(Module& model, const GraphData& data, const LabelledRows& rows);

}  // namespace tapegrad
