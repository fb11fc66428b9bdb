// A device that can gets the next step before the last one is looked at.
#include <boost/test/unit_test.hpp>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "autograd/kernels.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "tests/backends/recording_backend.hpp"
#include "tests/tools/training/small_run.hpp"
#include "tools/training/trainer.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

// What the device was asked for, in order.
std::vector<std::string>& calls() {
    static std::vector<std::string> list;
    return list;
}

const tg_backend& device() { return recording_backend()->plugin(); }

// The device with its replays and downloads in the list.
const tg_backend& told_device() {
    static const tg_backend table = [] {
        tg_backend told = device();
        told.replay = [](tg_context* context, tg_graph* graph) {
            calls().push_back("replay");
            return device().replay(context, graph);
        };
        told.download = [](tg_context* context, void* to, const void* from, std::size_t bytes) {
            calls().push_back("download");
            return device().download(context, to, from, bytes);
        };
        told.begin_download = [](tg_context* context, const void* from, std::size_t bytes, tg_download** download) {
            calls().push_back("begin");
            return device().begin_download(context, from, bytes, download);
        };
        told.finish_download = [](tg_context* context, tg_download* download, void* to) {
            calls().push_back("finish");
            return device().finish_download(context, download, to);
        };
        return told;
    }();
    return table;
}

// The same device as one of ABI 1.0.
const tg_backend& waiting_device() {
    static const tg_backend table = [] {
        tg_backend waiting = device();
        waiting.begin_download = nullptr;
        waiting.finish_download = nullptr;
        return waiting;
    }();
    return table;
}

Run run_on(const BackendPtr& backend, const nlohmann::json& config) { return Run(config, contradicting(), backend); }
Run run_on(const tg_backend& table, const nlohmann::json& config) { return run_on(Backend::open(table, 1), config); }

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_trainer_ahead, *boost::unit_test::precondition(can_record))

BOOST_AUTO_TEST_CASE(the_next_step_is_begun_before_anything_of_this_one_is_waited_for) {
    Run run = run_on(told_device(), complete({"training.epochs=6"}));
    Trainer trainer = trainer_of(run);
    while (trainer.epochs() < 4) trainer.run_epoch();  // until steps and evaluations are recorded
    calls().clear();
    trainer.run_epoch();
    // Update, loss, evaluation, its numbers, forward and backward of the next step; then both are waited for.
    const std::vector<std::string> between = {"replay", "begin", "replay", "begin", "replay", "finish", "finish"};
    BOOST_TEST(calls() == between, boost::test_tools::per_element());
    calls().clear();
    trainer.run_epoch();
    const std::vector<std::string> last = {"replay", "begin", "replay", "begin", "finish", "finish"};
    BOOST_TEST(calls() == last, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(nothing_but_time_depends_on_it) {
    for (const char* optimizer : {"sgd", "adam"})
        for (const char* more : {"training.evaluate=true", "training.evaluate=false",
                                 R"(training.early_stopping={"rule": "lowest_loss", "patience": 8})",
                                 R"(training.early_stopping={"rule": "accuracy_or_loss", "patience": 8})"}) {
            const auto config = complete({std::string("optimizer.type=") + optimizer, "training.epochs=60", more});
            Run ahead = run_on(device(), config), waiting = run_on(waiting_device(), config);
            BOOST_TEST_REQUIRE(!waiting.backend->can_download_later());
            const TrainingResult got = ahead.train(), wanted = waiting.train();
            BOOST_TEST_CONTEXT(optimizer << ", " << more) {
                BOOST_TEST(ahead.weights() == waiting.weights(), boost::test_tools::per_element());
                BOOST_TEST_REQUIRE(ahead.reports.size() == waiting.reports.size());
                BOOST_TEST(got.best_epoch == wanted.best_epoch);
                BOOST_TEST(got.test.loss == wanted.test.loss);
                for (std::size_t epoch = 0; epoch < ahead.reports.size(); ++epoch) {
                    const EpochReport &one = ahead.reports[epoch], &other = waiting.reports[epoch];
                    BOOST_TEST(one.train_loss == other.train_loss, "epoch " << epoch);
                    BOOST_TEST(one.validation.has_value() == other.validation.has_value());
                    if (one.validation) BOOST_TEST(one.validation->loss == other.validation->loss);
                    BOOST_CHECK(one.train_accuracy == other.train_accuracy);
                }
            }
        }
}

BOOST_AUTO_TEST_CASE(a_state_between_epochs_knows_nothing_of_the_next_step) {
    const auto config = complete({"training.epochs=20"});
    const BackendPtr backend = recording_backend();
    Run whole = run_on(backend, config);
    Trainer uninterrupted = trainer_of(whole);
    while (!uninterrupted.done()) uninterrupted.run_epoch();
    for (const int stop : {1, 3, 5, 7, 19}) {
        Run before = run_on(backend, config), after = run_on(backend, config);
        Trainer first = trainer_of(before), second = trainer_of(after);
        while (first.epochs() < stop) first.run_epoch();
        // Steps of another state were recorded and begun by then.
        for (int epoch = 0; epoch < 5; ++epoch) second.run_epoch();
        for (const auto& [name, parameter] : after.model->parameters()) assign(parameter, parameter * 3.0);
        const TrainerState state = first.state();
        BOOST_TEST(state.optimizer_steps == stop);
        second.set_state(state, "the first");
        while (!second.done()) second.run_epoch();
        BOOST_TEST(after.weights() == whole.weights(), "left after " << stop);
    }
}

// finish() leaves the weights of the best epoch, and training goes on from them.
BOOST_AUTO_TEST_CASE(a_step_that_was_begun_is_made_anew_when_finishing_has_changed_the_weights) {
    const auto config =
        complete({"training.epochs=30", R"(training.early_stopping={"rule": "lowest_loss", "patience": 100})"});
    Run ahead = run_on(device(), config), waiting = run_on(waiting_device(), config);
    for (Run* const run : {&ahead, &waiting}) {
        Trainer trainer = trainer_of(*run);
        while (trainer.epochs() < 20) trainer.run_epoch();
        const std::vector<double> last = run->weights();
        trainer.finish();
        BOOST_TEST_REQUIRE((run->weights() != last), "the last epoch is the best: this shows nothing");
        while (!trainer.done()) trainer.run_epoch();
    }
    BOOST_TEST(ahead.weights() == waiting.weights(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_loss_that_is_not_finite_ends_the_epoch_and_a_state_goes_on_from_there) {
    const auto config = complete({"training.epochs=12"});
    Run whole = run_on(device(), config), broken = run_on(device(), config);
    Trainer uninterrupted = trainer_of(whole), trainer = trainer_of(broken);
    while (!uninterrupted.done()) uninterrupted.run_epoch();
    while (trainer.epochs() < 6) trainer.run_epoch();
    const TrainerState good = trainer.state();
    trainer.run_epoch();
    for (const auto& [name, parameter] : broken.model->parameters())
        assign(parameter, full(broken.backend, parameter.shape(), std::numeric_limits<double>::infinity()));
    trainer.set_state(trainer.state(), "itself");  // the weights were changed
    BOOST_CHECK_EXCEPTION(trainer.run_epoch(), NonFiniteLoss, [](const NonFiniteLoss& error) {
        return error.epoch() == 7 && std::string(error.what()).find("training") != std::string::npos;
    });
    BOOST_TEST(trainer.epochs() == 7);
    BOOST_TEST(broken.optimizer->steps() == 7);
    trainer.set_state(good, "the good one");
    while (!trainer.done()) trainer.run_epoch();
    BOOST_TEST(broken.weights() == whole.weights(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
