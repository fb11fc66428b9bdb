#include "tools/training/training.hpp"

#include <cmath>
#include <map>
#include <string>

#include "autograd/errors.hpp"
#include "autograd/tape.hpp"

namespace tapegrad {

TrainingOptions training_options(const nlohmann::json& settings, std::uint64_t seed) {
    TrainingOptions options{settings.at("epochs"), settings.at("evaluate"), {}, settings.at("check_finite"), seed};
    if (const nlohmann::json& stopping = settings.at("early_stopping"); !stopping.is_null()) {
        if (!options.evaluate)
            throw ConfigError("training.evaluate", "true, which early_stopping needs", "false",
                              "Set it to true, or early_stopping to null");
        const std::map<std::string, StoppingRule> rules{{"accuracy_or_loss", StoppingRule::accuracy_or_loss},
                                                        {"loss_above_mean", StoppingRule::loss_above_mean},
                                                        {"lowest_loss", StoppingRule::lowest_loss}};
        options.early_stopping = {rules.at(stopping.at("rule")), stopping.at("patience")};
    }
    return options;
}

Tensor training_loss(Module& model, const GraphData& data, RandomStream random) {
    const Value logits = model.forward(data.features, {.graph = &data.graph, .training = true, .random = &random});
    return cross_entropy(dense_input("loss", logits), data.train);
}

double checked_loss(double loss, Optimizer& optimizer) {
    if (!std::isfinite(loss)) optimizer.set_steps(optimizer.steps() - 1);
    return loss;
}

double train_step(Module& model, Optimizer& optimizer, const GraphData& data, const TrainingOptions& options,
                  int epoch) {
    const BackendPtr& backend = data.train.labels.backend();
    optimizer.zero_grad();  // first, so that the old gradients' memory is free for the forward pass
    const RandomStream random(random_key(backend, options.seed, static_cast<std::uint32_t>(epoch)));
    Tape tape({.check_finite = options.check_finite});
    const Tensor loss = training_loss(model, data, random);  // the logits' memory is free for the gradients
    tape.backward(loss);
    optimizer.step(loss);
    return checked_loss(loss.item(), optimizer);
}

Tensor evaluation_logits(Module& model, const GraphData& data) {
    return dense_input("loss", model.forward(data.features, {.graph = &data.graph}));
}

Score score_of(const Tensor& logits, const LabelledRows& rows) {
    return {cross_entropy(logits, rows).item(), accuracy(logits, rows)};
}

Score evaluate(Module& model, const GraphData& data, const LabelledRows& rows) {
    return score_of(evaluation_logits(model, data), rows);
}

}  // namespace tapegrad
