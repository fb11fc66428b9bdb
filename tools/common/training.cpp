#include "tools/common/training.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>
#include <vector>

#include "autograd/errors.hpp"
#include "autograd/tape.hpp"

namespace tapegrad {
namespace {

class Stopwatch {
public:
    double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

double median_ms(std::vector<double> seconds) {
    const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
    std::nth_element(seconds.begin(), middle, seconds.end());
    return 1000 * *middle;
}

// One epoch: forward, backward, update. Returns the loss.
double train_step(Module& model, Optimizer& optimizer, const GraphData& data, const TrainingOptions& options,
                  std::uint32_t step) {
    RandomStream random(random_key(data.graph.targets.index.backend(), options.seed, step));
    Tape tape({.check_finite = options.check_finite});
    const Value logits = model.forward(data.features, {.graph = &data.graph, .training = true, .random = &random});
    const Tensor loss = cross_entropy(std::get<Tensor>(logits), data.train);
    optimizer.zero_grad();
    tape.backward(loss);
    optimizer.step();
    return loss.item();
}

Tensor predict(Module& model, const GraphData& data) {
    return std::get<Tensor>(model.forward(data.features, {.graph = &data.graph}));
}

Score score(const Tensor& logits, const LabelledRows& rows) {
    return {cross_entropy(logits, rows).item(), accuracy(logits, rows)};
}

}  // namespace

TrainingOptions training_options(const nlohmann::json& settings, std::uint64_t seed) {
    TrainingOptions options{settings.at("epochs"), settings.at("evaluate"), {}, settings.at("check_finite"), seed};
    if (const nlohmann::json& stopping = settings.at("early_stopping"); !stopping.is_null()) {
        if (!options.evaluate)
            throw ConfigError("training.evaluate", "true, which early_stopping needs", "false",
                              "Set it to true, or early_stopping to null");
        options.early_stopping = {
            stopping.at("rule") == "accuracy_or_loss" ? StoppingRule::accuracy_or_loss : StoppingRule::loss_above_mean,
            stopping.at("patience")};
    }
    return options;
}

TrainingResult train(Module& model, Optimizer& optimizer, const GraphData& data, const TrainingOptions& options,
                     const std::function<void(const EpochReport&)>& report) {
    std::optional<EarlyStopping> stopping;
    if (options.early_stopping)
        stopping.emplace(options.early_stopping->rule, options.early_stopping->patience, model.parameters());

    const Stopwatch whole;
    std::vector<double> step_seconds, evaluation_seconds;
    bool stop = false;
    int epoch = 0;
    for (; epoch < options.epochs && !stop; ++epoch) {
        const Stopwatch step;
        const double loss = train_step(model, optimizer, data, options, static_cast<std::uint32_t>(epoch));
        step_seconds.push_back(step.seconds());
        if (!std::isfinite(loss))
            throw TapeError(fmt::format("training, epoch {}", epoch), "a finite loss", fmt::format("{}", loss),
                            "Lower the learning rate, or set training.check_finite to see which op made it");

        std::optional<Score> validation;
        if (options.evaluate) {
            const Stopwatch evaluation;
            validation = score(predict(model, data), data.validation);
            evaluation_seconds.push_back(evaluation.seconds());
        }
        if (stopping) stop = stopping->update(validation->loss, validation->accuracy);
        report({epoch, loss, validation, step_seconds.back()});
    }
    if (stopping) stopping->restore();
    const double train_seconds = whole.seconds();

    const Stopwatch evaluation;
    const Tensor logits = predict(model, data);
    const Score validation = score(logits, data.validation), test = score(logits, data.test);
    evaluation_seconds.push_back(evaluation.seconds());
    const int best_epoch = stopping ? stopping->best_epoch().value_or(epoch - 1) : epoch - 1;
    return {epoch,
            best_epoch,
            validation,
            test,
            train_seconds,
            median_ms(std::move(step_seconds)),
            median_ms(std::move(evaluation_seconds))};
}

}  // namespace tapegrad
