#include "tools/training/training.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "autograd/errors.hpp"
#include "autograd/tape.hpp"

namespace tapegrad {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// What `action` returns; the seconds that it takes are added to a list.
template <class Action>
auto timed(std::vector<double>& seconds, const Action& action) {
    const Clock::time_point start = Clock::now();
    auto result = action();
    seconds.push_back(seconds_since(start));
    return result;
}

double median_ms(std::vector<double> seconds) {
    const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
    std::nth_element(seconds.begin(), middle, seconds.end());
    return 1000 * *middle;
}

}  // namespace

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

double train_step(Module& model, Optimizer& optimizer, const GraphData& data, const TrainingOptions& options,
                  int epoch) {
    const BackendPtr& backend = data.train.labels.backend();
    optimizer.zero_grad();  // first, so that the old gradients' memory is free for the forward pass
    RandomStream random(random_key(backend, options.seed, static_cast<std::uint32_t>(epoch)));
    Tape tape({.check_finite = options.check_finite});
    const auto loss_of_forward_pass = [&] {
        const Value logits = model.forward(data.features, {.graph = &data.graph, .training = true, .random = &random});
        return cross_entropy(dense_input("loss", logits), data.train);
    };
    const Tensor loss = loss_of_forward_pass();  // the logits' memory is free for the gradients
    tape.backward(loss);
    optimizer.step();
    const double value = loss.item();
    if (!std::isfinite(value))
        throw TapeError(fmt::format("training, epoch {}", epoch), "a finite loss", fmt::format("{}", value),
                        "Lower the learning rate, or set training.check_finite to see which op made it");
    return value;
}

Score evaluate(Module& model, const GraphData& data, const LabelledRows& rows) {
    const Value output = model.forward(data.features, {.graph = &data.graph});
    const Tensor& logits = dense_input("loss", output);
    return {cross_entropy(logits, rows).item(), accuracy(logits, rows)};
}

TrainingResult train(Module& model, Optimizer& optimizer, const GraphData& data, const TrainingOptions& options,
                     const std::function<void(const EpochReport&)>& report) {
    std::optional<EarlyStopping> stopping;
    if (options.early_stopping)
        stopping.emplace(options.early_stopping->rule, options.early_stopping->patience, model.parameters());

    std::vector<double> step_seconds, evaluation_seconds;
    const auto score = [&](const LabelledRows& rows) {
        return timed(evaluation_seconds, [&] { return evaluate(model, data, rows); });
    };

    const Clock::time_point start = Clock::now();
    int epochs = 0;
    for (bool stop = false; epochs < options.epochs && !stop; ++epochs) {
        const double loss = timed(step_seconds, [&] {
            std::optional<AttachedProfile> attached;
            if (options.profile != nullptr) attached.emplace(data.train.labels.backend(), options.profile);
            return train_step(model, optimizer, data, options, epochs);
        });
        std::optional<Score> validation;
        if (options.evaluate) validation = score(data.validation);
        report({epochs, loss, validation, step_seconds.back()});
        stop = stopping && stopping->update(validation->loss, validation->accuracy);
    }
    if (stopping) stopping->restore();
    const double train_seconds = seconds_since(start);
    const double all_steps = std::accumulate(step_seconds.begin(), step_seconds.end(), 0.0);

    const Score validation = score(data.validation), test = score(data.test);
    if (!std::isfinite(validation.loss) || !std::isfinite(test.loss))
        throw TapeError("training, the weights at the end", "finite losses",
                        fmt::format("{} in validation, {} in the test", validation.loss, test.loss),
                        "Lower the learning rate");
    return {.epochs = epochs,
            .best_epoch = stopping ? stopping->best_epoch().value_or(epochs - 1) : epochs - 1,
            .validation = validation,
            .test = test,
            .step_seconds = all_steps,
            .train_seconds = train_seconds,
            .step_ms_median = median_ms(std::move(step_seconds)),
            .eval_ms_median = median_ms(std::move(evaluation_seconds))};
}

}  // namespace tapegrad
