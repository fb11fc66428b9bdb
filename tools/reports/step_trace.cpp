#include "tools/reports/step_trace.hpp"

#include <chrono>
#include <memory>

#include "autograd/profile.hpp"
#include "autograd/tape.hpp"
#include "tools/training/model.hpp"
#include "tools/training/training.hpp"

namespace tapegrad {
namespace {

// Enough for a mean; on a large graph the first steps alone take this long.
constexpr int most_steps = 10;
constexpr double enough_seconds = 0.1;

std::shared_ptr<Sequential> copy_of(const Sequential& model, const GraphData& data, const nlohmann::json& config) {
    const BackendPtr& backend = data.train.labels.backend();
    const auto copy = build_model(config.at("model"), {data.feature_count, data.classes}, backend, config.at("seed"));
    const std::vector<NamedParameter> from = model.parameters(), to = copy->parameters();
    for (std::size_t i = 0; i < to.size(); ++i) assign(to[i].second, from[i].second);
    return copy;
}

std::vector<ExplainedNode> tape_of_a_step(Sequential& model, const GraphData& data, std::uint64_t seed) {
    RandomStream random(random_key(data.train.labels.backend(), seed, 0));
    Tape tape({.time_ops = true});
    const Value logits = model.forward(data.features, {.graph = &data.graph, .training = true, .random = &random});
    const Tensor loss = cross_entropy(dense_input("loss", logits), data.train);
    return explain(tape);
}

}  // namespace

StepTrace trace_training_steps(const Sequential& model, const GraphData& data, const nlohmann::json& config) {
    using Clock = std::chrono::steady_clock;
    const BackendPtr& backend = data.train.labels.backend();
    const std::uint64_t seed = config.at("seed");
    const std::shared_ptr<Sequential> copy = copy_of(model, data, config);
    const std::unique_ptr<Optimizer> optimizer = build_optimizer(config.at("optimizer"), config.at("model"), *copy);
    const TrainingOptions options = training_options(config.at("training"), seed);

    train_step(*copy, *optimizer, data, options, 0);  // the first one allocates
    OpProfile profile;
    int steps = 0;
    double seconds = 0;
    for (; steps < most_steps && seconds < enough_seconds; ++steps) {
        const AttachedProfile attached(backend, &profile);
        const Clock::time_point start = Clock::now();
        train_step(*copy, *optimizer, data, options, steps + 1);
        seconds += std::chrono::duration<double>(Clock::now() - start).count();
    }
    return {tape_of_a_step(*copy, data, seed),
            {.backend = backend->name(), .steps = steps, .step_seconds = seconds, .ops = profile.rows(), .parts = {}}};
}

}  // namespace tapegrad
