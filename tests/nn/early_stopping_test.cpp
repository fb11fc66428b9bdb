// All stopping rules on sequences worked out by hand.
#include "nn/early_stopping.hpp"

#include <tuple>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/nn/nn_fixture.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

struct Epoch {
    double loss, accuracy;
};

// A model with one weight, which is the number of the epoch.
struct Training {
    Tensor weight = parameter(f64({1}, {-1}));
    EarlyStopping stopping;
    int epoch = 0;

    Training(StoppingRule rule, int patience) : stopping(rule, patience, {{"weight", weight}}) {}

    // Runs the epochs; returns after how many of them training stopped, or -1.
    int run(const std::vector<Epoch>& epochs) {
        for (const auto& [loss, accuracy] : epochs) {
            assign(weight, f64({1}, {static_cast<double>(epoch++)}));
            if (stopping.update(loss, accuracy)) return epoch;
        }
        return -1;
    }
    double restored() const {
        stopping.restore();
        return weight.item();
    }
};

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

}  // namespace

BOOST_AUTO_TEST_SUITE(nn_early_stopping)

BOOST_AUTO_TEST_CASE(stops_after_patience_epochs_without_a_best_value) {
    Training training(StoppingRule::accuracy_or_loss, 3);
    //                 best       worse       worse       worse: stop
    BOOST_TEST(training.run({{1.0, 0.5}, {1.1, 0.4}, {1.2, 0.4}, {1.3, 0.4}, {0.1, 0.9}}) == 4);
    BOOST_TEST(*training.stopping.best_epoch() == 0);
    BOOST_TEST(training.restored() == 0);
}

BOOST_AUTO_TEST_CASE(either_value_at_least_as_good_resets_the_counter) {
    Training training(StoppingRule::accuracy_or_loss, 2);
    // Epoch 2 equals the best accuracy, epoch 4 the best loss, 6 and 7 are worse.
    BOOST_TEST(training.run({{1.0, 0.5}, {2.0, 0.4}, {2.0, 0.5}, {2.0, 0.4}, {1.0, 0.1}, {2.0, 0.4}, {2.0, 0.4}}) == 7);
    BOOST_TEST(training.restored() == 0, "weights were kept though only one of both values was a best one");
}

BOOST_AUTO_TEST_CASE(weights_are_kept_when_both_values_are_at_least_as_good) {
    Training training(StoppingRule::accuracy_or_loss, 100);
    // Epoch 1 has only the better accuracy, 2 only the better loss, 3 equals both bests, 4 is worse.
    BOOST_TEST(training.run({{1.0, 0.5}, {1.5, 0.7}, {0.8, 0.6}, {0.8, 0.7}, {0.9, 0.6}}) == -1);
    BOOST_TEST(*training.stopping.best_epoch() == 3);
    BOOST_TEST(training.restored() == 3);
}

BOOST_AUTO_TEST_CASE(best_values_of_different_epochs_count_each_for_itself) {
    // The best loss of epoch 2 and the best accuracy of epoch 1 hold for epoch 3, which beats each of epochs 0 to 2 in
    // one.
    Training training(StoppingRule::accuracy_or_loss, 1);
    BOOST_TEST(training.run({{1.0, 0.5}, {1.5, 0.7}, {0.8, 0.6}, {0.9, 0.65}}) == 4);
}

BOOST_AUTO_TEST_CASE(a_loss_that_is_not_a_number_is_never_best) {
    Training training(StoppingRule::accuracy_or_loss, 2);
    // NaN in the first epoch; epoch 1 is the first to be kept; after it NaN counts as worse.
    BOOST_TEST(training.run({{not_a_number, 0.5}, {1.0, 0.5}, {not_a_number, 0.4}, {not_a_number, 0.4}}) == 4);
    BOOST_TEST(training.restored() == 1);

    Training only_nan(StoppingRule::accuracy_or_loss, 1);
    only_nan.run({{not_a_number, 0.5}, {not_a_number, not_a_number}});
    BOOST_TEST(!only_nan.stopping.best_epoch().has_value());
    BOOST_TEST(only_nan.restored() == 1, "nothing was kept, so the last weights stay");
}

BOOST_AUTO_TEST_CASE(loss_above_mean_compares_with_the_epochs_before) {
    Training training(StoppingRule::loss_above_mean, 2);
    // Epochs 0 to 2 never stop. Epoch 3: 2.9 is not above (9 + 1) / 2. Epoch 4: 1.95 is not above (1 + 2.9) / 2.
    // Epoch 5: 2.5 is above (2.9 + 1.95) / 2.
    BOOST_TEST(training.run({{1, 0}, {9, 0}, {1, 0}, {2.9, 0}, {1.95, 0}, {2.5, 0}, {0, 0}}) == 6);
    BOOST_TEST(*training.stopping.best_epoch() == 5);
    BOOST_TEST(training.restored() == 5);
}

BOOST_AUTO_TEST_CASE(loss_above_mean_waits_for_more_than_patience_plus_one_epochs) {
    Training training(StoppingRule::loss_above_mean, 3);
    BOOST_TEST(training.run({{1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 0}}) == 5);
}

BOOST_AUTO_TEST_CASE(lowest_loss_stops_after_patience_epochs_without_a_lower_one_whatever_the_accuracy) {
    Training training(StoppingRule::lowest_loss, 2);
    // Lowest: 0, 1, 3. An equal loss is no lower one, neither is NaN.
    BOOST_TEST(training.run(
                   {{1.0, 0.9}, {0.8, 0.1}, {0.8, 0.99}, {0.7, 0.1}, {not_a_number, 1.0}, {0.7, 1.0}, {0.1, 1}}) == 6);
    BOOST_TEST(*training.stopping.best_epoch() == 3);
    BOOST_TEST(training.restored() == 3);
}

BOOST_AUTO_TEST_CASE(lowest_loss_keeps_nothing_as_long_as_no_loss_is_a_number) {
    Training training(StoppingRule::lowest_loss, 2);
    BOOST_TEST(training.run({{not_a_number, 0.5}, {not_a_number, 0.5}}) == 2);
    BOOST_TEST(!training.stopping.best_epoch().has_value());
}

// Every rule goes on from its state, taken after any epoch, as if it had not been left.
BOOST_AUTO_TEST_CASE(a_rule_that_goes_on_from_a_state_stops_and_keeps_as_one_that_was_never_left) {
    const std::vector<Epoch> epochs{{1.0, 0.5},  {0.8, 0.4}, {0.9, 0.6}, {0.7, 0.6},
                                    {0.75, 0.7}, {0.9, 0.5}, {1.2, 0.5}, {0.1, 0.1}};
    for (const auto& [rule, stop, kept] :
         {std::tuple{StoppingRule::accuracy_or_loss, 7, 3}, std::tuple{StoppingRule::loss_above_mean, 6, 5},
          std::tuple{StoppingRule::lowest_loss, 6, 3}}) {
        for (std::size_t left_after = 0; left_after < static_cast<std::size_t>(stop); ++left_after) {
            const auto begin = epochs.begin(), middle = begin + static_cast<std::ptrdiff_t>(left_after);
            Training before(rule, 2), after(rule, 2);
            BOOST_TEST(before.run({begin, middle}) == -1);
            after.stopping.set_state(before.stopping.state());
            after.epoch = before.epoch;
            before.run({middle, epochs.end()});  // must not reach what the state was copied to
            BOOST_TEST(after.run({middle, epochs.end()}) == stop);
            BOOST_TEST(*after.stopping.best_epoch() == kept);
            // loss_above_mean leaves the weights as they are: those of the epoch it stopped in.
            BOOST_TEST(after.restored() == kept);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
