#include "tools/training/first_non_finite.hpp"

#include <cmath>
#include <string>

#include "autograd/errors.hpp"

namespace tapegrad {
namespace {

const std::string source = "the state of this training";

// The number of the last epoch from `state` on whose training loss is finite; that of `state` if there is none.
int last_finite_epoch(Trainer& trainer, const TrainerState& state) {
    int last = state.epochs;
    trainer.set_state(state, source);
    try {
        while (!trainer.done()) last = trainer.run_epoch().epoch;
    } catch (const TapeError&) {
        // The validation comes after the step, so that the epoch may have had a finite training loss of its own.
    }
    return last;
}

void check_parameters(const Module& model) {
    if (const std::optional<std::string> name = first_non_finite(model.parameters()))
        throw TapeError("the optimizer's update of " + *name, "finite values", "a NaN or an infinity", "");
}

}  // namespace

std::optional<std::string> first_non_finite(const std::vector<NamedParameter>& tensors) {
    for (const auto& [name, tensor] : tensors)
        for (const double value : tensor.values<double>())
            if (!std::isfinite(value)) return name;
    return std::nullopt;
}

NonFiniteOrigin find_first_non_finite(Module& model, Optimizer& optimizer, const GraphData& data,
                                      TrainingOptions options, const TrainerState& state) {
    options.check_finite = false;
    options.profile = nullptr;
    Trainer trainer(model, optimizer, data, options);
    const int last = last_finite_epoch(trainer, state);
    trainer.set_state(state, source);
    while (trainer.epochs() < last) trainer.run_epoch();
    NonFiniteOrigin origin{trainer.state(), ""};

    options.check_finite = true;
    try {
        for (const int epoch : {last, last + 1, last + 2}) {
            train_step(model, optimizer, data, options, epoch);
            check_parameters(model);
        }
    } catch (const TapeError& error) {
        const std::string message = error.what();  // its advice is to look closer, which is done here
        origin.op = message.substr(0, message.find(". "));
    }
    trainer.set_state(origin.last_good, source);
    return origin;
}

}  // namespace tapegrad
