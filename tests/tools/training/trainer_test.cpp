#include "tools/training/trainer.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <string>
#include <utility>

#include "autograd/errors.hpp"
#include "autograd/kernels.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/tools/training/small_run.hpp"
#include "tools/training/first_non_finite.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

BOOST_AUTO_TEST_SUITE(tools_trainer)

BOOST_AUTO_TEST_CASE(going_on_in_another_process_ends_with_the_same_bits) {
    for (const char* optimizer : {"sgd", "adam", "adamw"})
        for (const char* rule : {"accuracy_or_loss", "loss_above_mean", "lowest_loss"}) {
            const auto config =
                complete({std::string("optimizer.type=") + optimizer, "training.epochs=60",
                          std::string("training.early_stopping.rule=") + rule, "training.early_stopping.patience=8"});
            Run whole(config, contradicting());
            Trainer uninterrupted = trainer_of(whole);
            while (!uninterrupted.done()) uninterrupted.run_epoch();
            const int last = uninterrupted.epochs();
            const TrainingResult expected = uninterrupted.finish();

            for (const int stop : {0, 1, 7, last - 1, last}) {
                Run before(config, contradicting()), after(config, contradicting());
                Trainer first = trainer_of(before), second = trainer_of(after);
                while (first.epochs() < stop) first.run_epoch();
                second.set_state(first.state(), "the first");
                BOOST_CHECK_EQUAL(second.done(), stop == last);
                while (!second.done()) second.run_epoch();
                const TrainingResult result = second.finish();
                const std::string what = std::string(optimizer) + ", " + rule + ", left after " + std::to_string(stop);
                BOOST_CHECK_MESSAGE(after.weights() == whole.weights(), what);
                BOOST_CHECK_MESSAGE(result.best_epoch == expected.best_epoch, what);
                BOOST_CHECK_MESSAGE(second.best().epoch == uninterrupted.best().epoch, what);
            }
        }
}

BOOST_AUTO_TEST_CASE(a_state_with_copies_of_other_weights_is_refused_and_changes_nothing) {
    const auto config = complete({"training.early_stopping.patience=50"});
    Run before(config), after(config);
    Trainer first = trainer_of(before), second = trainer_of(after);
    first.run_epoch();
    const std::vector<double> weights = after.weights();
    const auto expect_refused = [&](auto list_of, const std::string& where) {
        const auto refused = [&](const auto& change) {
            TrainerState state = first.state();
            change(list_of(state));
            expect_error<DataError>([&] { second.set_state(state, "the first"); }, {"the first, " + where});
        };
        refused([](auto& list) { list.push_back(list.front()); });
        refused([](auto& list) { list.pop_back(); });
        refused([](auto& list) { std::swap(list.front(), list.back()); });
        refused([](auto& list) { list.front().second = list.back().second; });
    };
    expect_refused(
        [](TrainerState & state) -> auto& { return state.best.weights; }, "best weights");
    expect_refused(
        [](TrainerState & state) -> auto& { return state.stopping.kept; }, "weights kept by early stopping");
    BOOST_CHECK(after.weights() == weights);
}

BOOST_AUTO_TEST_CASE(a_state_is_a_copy) {
    Run run(complete({"training.early_stopping.patience=50"}));
    Trainer trainer = trainer_of(run);
    trainer.run_epoch();
    const TrainerState state = trainer.state();
    const auto numbers = [&] {
        std::vector<double> all;
        for (const auto* list : {&state.parameters, &state.averages, &state.stopping.kept, &state.best.weights})
            for (const auto& [name, tensor] : *list)
                for (const double value : tensor.values<double>()) all.push_back(value);
        return all;
    };
    const std::vector<double> then = numbers();
    for (int epoch = 0; epoch < 20; ++epoch) trainer.run_epoch();
    BOOST_CHECK(numbers() == then);
}

BOOST_AUTO_TEST_CASE(a_state_of_another_model_is_refused) {
    Run small(complete()), large(complete({"model.1.out_features=9"}));
    Trainer from = trainer_of(small), to = trainer_of(large);
    expect_error<ShapeError>([&] { to.set_state(from.state(), "the other"); }, {"the other", "1.weight"});
}

BOOST_AUTO_TEST_CASE(best_weights_are_those_of_the_highest_accuracy_and_then_of_the_lowest_loss) {
    Run run(complete());
    const std::vector<NamedParameter> parameters = run.model->parameters();
    const Tensor first = parameters[0].second;
    BestWeights best;
    const auto weight = [&](int epoch, std::optional<Score> score, float value) {
        fill(first, value);
        best.update(epoch, score, parameters);
        return best.weights[0].second.values<double>()[0];
    };
    BOOST_CHECK_EQUAL(weight(0, Score{2, 0.5}, 10), 10);
    BOOST_CHECK_EQUAL(weight(1, Score{1, 0.4}, 11), 10);
    BOOST_CHECK_EQUAL(weight(2, Score{2, 0.5}, 12), 10);
    BOOST_CHECK_EQUAL(weight(3, Score{1.9, 0.5}, 13), 13);
    BOOST_CHECK_EQUAL(weight(4, Score{3, 0.6}, 14), 14);
    BOOST_CHECK_EQUAL(best.epoch, 4);
    BestWeights without_validation;
    without_validation.update(0, {}, parameters);
    without_validation.update(1, {}, parameters);
    BOOST_CHECK_EQUAL(without_validation.epoch, 1);
}

BOOST_AUTO_TEST_CASE(the_op_that_made_the_first_nan_is_named_and_the_weights_before_it_are_kept) {
    Run run(complete({"optimizer.type=sgd", "optimizer.learning_rate=1e25", "model.0.p=0"}));
    Trainer trainer = trainer_of(run);
    const TrainerState begin = trainer.state();
    int finite = 0;
    try {
        for (;; ++finite) trainer.run_epoch();
    } catch (const NonFiniteLoss& fault) {
        BOOST_CHECK_EQUAL(fault.epoch(), finite);
    }
    const NonFiniteOrigin origin = find_first_non_finite(*run.model, *run.optimizer, run.data, run.options, begin);
    BOOST_CHECK_LE(origin.last_good.epochs, finite);
    BOOST_CHECK_MESSAGE(origin.op.find("expected finite values") != std::string::npos, origin.op);
    for (const auto& [name, tensor] : origin.last_good.parameters)
        for (const double value : tensor.values<double>()) BOOST_CHECK(std::isfinite(value));
    // The last good weights give a finite training loss: their epoch runs again.
    Run again(complete({"optimizer.type=sgd", "optimizer.learning_rate=1e25", "model.0.p=0"}));
    Trainer from_there = trainer_of(again);
    from_there.set_state(origin.last_good, "last good");
    BOOST_CHECK(
        std::isfinite(train_step(*again.model, *again.optimizer, again.data, again.options, origin.last_good.epochs)));
}

BOOST_AUTO_TEST_SUITE_END()
