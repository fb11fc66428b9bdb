// Full-graph training: every step sees all nodes, and the loss is that of the training nodes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "autograd/profile.hpp"
#include "nn/early_stopping.hpp"
#include "nn/optimizer.hpp"
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

/// How good a model is on some of the nodes.
struct Score {
    double loss;      ///< mean cross entropy
    double accuracy;  ///< fraction of nodes
};

/// One step: forward, backward, update; `epoch` numbers its dropout masks. Returns the loss, with dropout and before
/// the update. Throws TapeError for a loss that is not finite.
double train_step(Module& model, Optimizer& optimizer, const GraphData& data, const TrainingOptions& options,
                  int epoch);

/// One forward pass without dropout, and how good it is on some of the nodes.
Score evaluate(Module& model, const GraphData& data, const LabelledRows& rows);

struct EpochReport {
    int epoch;                        ///< counted from 0
    double train_loss;                ///< before the step, with dropout
    std::optional<Score> validation;  ///< after the step, without dropout
    double step_seconds;
};

struct TrainingResult {
    int epochs;      ///< that were made
    int best_epoch;  ///< whose weights the model has now, counted from 0
    Score validation, test;
    double step_seconds;    ///< of all forward, backward and update
    double train_seconds;   ///< of the loop, with all evaluation in it
    double step_ms_median;  ///< of forward, backward and update
    double eval_ms_median;  ///< of a forward pass and the scores taken from it
};

/// Trains `model` and leaves it with the weights of the best epoch, or of the last one without early stopping. Calls
/// `report` after every epoch. Throws TapeError for a loss that is not finite.
TrainingResult train(Module& model, Optimizer& optimizer, const GraphData& data, const TrainingOptions& options,
                     const std::function<void(const EpochReport&)>& report);

}  // namespace tapegrad
