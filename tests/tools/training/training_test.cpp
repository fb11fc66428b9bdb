#include "tools/training/training.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "autograd/errors.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/tools/training/small_run.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

std::vector<double> values(const Tensor& tensor) { return tensor.values<double>(); }

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_training)

BOOST_AUTO_TEST_CASE(steps_of_the_data_set_are_taken_as_the_config_says) {
    const auto edges = [](const std::vector<std::string>& assignments) {
        return prepare_graph_data(two_classes(), complete(assignments).at("dataset"), reference()).graph.edges();
    };
    // As cited: 6. Turned round: a self loop is its own reverse, 5 more. Without the double, which comes both ways: 2
    // fewer. Self loops: one is there already, 5 more.
    const std::string no = "=false";
    BOOST_CHECK_EQUAL(edges({"dataset.symmetrise" + no, "dataset.merge_duplicates" + no, "dataset.self_loops" + no}),
                      6);
    BOOST_CHECK_EQUAL(edges({"dataset.merge_duplicates" + no, "dataset.self_loops" + no}), 11);
    BOOST_CHECK_EQUAL(edges({"dataset.self_loops" + no}), 9);
    BOOST_CHECK_EQUAL(edges({}), 14);
}

BOOST_AUTO_TEST_CASE(features_are_normalised_and_stored_as_the_config_says) {
    const auto features = [](const std::vector<std::string>& assignments) {
        return prepare_graph_data(two_classes(), complete(assignments).at("dataset"), reference()).features;
    };
    const std::vector<double> sparse = values(std::get<SparseMatrix>(features({})).values);
    BOOST_CHECK_EQUAL(sparse[0], 0.25);
    BOOST_CHECK_EQUAL(sparse[1], 0.75);
    const Tensor dense = std::get<Tensor>(features({"dataset.features=dense", "dataset.feature_normalisation=none"}));
    BOOST_CHECK(dense.shape() == (Shape{6, 3}));
    const std::vector<double> elements = values(dense);
    const std::vector<double> first_row(elements.begin(), elements.begin() + 3), expected{1, 0, 3};
    BOOST_CHECK_EQUAL_COLLECTIONS(first_row.begin(), first_row.end(), expected.begin(), expected.end());
}

BOOST_AUTO_TEST_CASE(split_without_nodes_is_an_error) {
    Dataset dataset = two_classes();
    dataset.validation.clear();
    expect_error<DataError>([&] { prepare_graph_data(dataset, complete().at("dataset"), reference()); }, {"split"});
}

BOOST_AUTO_TEST_CASE(each_layer_is_as_wide_as_the_one_before_it_gives_out) {
    const Run run(complete({R"(model=[{"type": "multi_head", "out_features": 4, "heads": 3}, {"type": "elu"},
                                      {"type": "linear", "out_features": "classes"}])"}));
    const auto parameters = run.model->parameters();
    BOOST_CHECK_EQUAL(parameters.front().first, "0.0.weight");
    BOOST_CHECK(parameters.front().second.shape() == (Shape{3, 4}));
    for (const auto& [name, parameter] : parameters)
        if (name == "2.weight") BOOST_CHECK(parameter.shape() == (Shape{12, 2}));
}

BOOST_AUTO_TEST_CASE(model_that_does_not_end_in_the_classes_is_an_error) {
    expect_error<ConfigError>([] { Run(complete({"model.3.out_features=3"})); },
                              {"model: expected 2 numbers a node", "got 3", "\"classes\""});
}

BOOST_AUTO_TEST_CASE(weights_of_the_named_layers_decay_and_no_others) {
    const Run run(complete({"optimizer.type=sgd", "optimizer.learning_rate=0.1", "optimizer.weight_decay=0.5",
                            "optimizer.weight_decay_layers=[1]"}));
    const auto parameters = run.model->parameters();
    std::vector<std::vector<double>> before;
    for (const auto& [name, parameter] : parameters) {
        before.push_back(values(parameter));
        parameter.set_grad(zeros_like(parameter));
    }
    run.optimizer->step();
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const double factor = parameters[i].first.starts_with("1.") ? 0.95 : 1;  // 1 - 0.1 * 0.5
        const std::vector<double> after = values(parameters[i].second);
        for (std::size_t k = 0; k < after.size(); ++k)
            BOOST_CHECK_MESSAGE(std::abs(after[k] - factor * before[i][k]) < 1e-6, parameters[i].first << " " << k);
    }
    expect_error<ConfigError>([] { Run(complete({"optimizer.weight_decay_layers=[0, 4]"})); },
                              {"optimizer.weight_decay_layers: expected layers below 4, got 4"});
}

BOOST_AUTO_TEST_CASE(every_optimizer_learns_two_classes) {
    for (const char* type : {"sgd", "adam", "adamw"}) {
        Run run(complete({std::string("optimizer.type=") + type, "optimizer.learning_rate=0.1", "model.0.p=0",
                          "training.epochs=100"}));
        const TrainingResult result = run.train();
        BOOST_CHECK_MESSAGE(result.test.accuracy == 1, type << " " << result.test.accuracy);
        BOOST_CHECK_MESSAGE(run.reports.back().train_loss < 0.5 * run.reports.front().train_loss, type);
    }
}

BOOST_AUTO_TEST_CASE(reports_and_result_agree_with_each_other) {
    Run run(complete());
    const TrainingResult result = run.train();
    BOOST_CHECK_EQUAL(result.epochs, 40);
    BOOST_CHECK_EQUAL(result.best_epoch, 39);
    BOOST_REQUIRE_EQUAL(run.reports.size(), 40);
    for (int epoch = 0; epoch < 40; ++epoch)
        BOOST_CHECK_EQUAL(run.reports[static_cast<std::size_t>(epoch)].epoch, epoch);
    BOOST_CHECK_EQUAL(run.reports.back().validation->loss, result.validation.loss);
    BOOST_CHECK_EQUAL(run.reports.back().validation->accuracy, result.validation.accuracy);
}

BOOST_AUTO_TEST_CASE(early_stopping_brings_the_weights_of_the_best_epoch_back) {
    // The validation nodes contradict the others: the more is learnt, the worse they are.
    Dataset contradicting = two_classes();
    std::swap(contradicting.labels[1], contradicting.labels[4]);
    Run run(complete({"training.early_stopping.patience=5", "training.epochs=1000", "model.0.p=0"}), contradicting);
    const TrainingResult result = run.train();
    BOOST_CHECK_LT(result.epochs, 1000);
    BOOST_CHECK_LT(result.best_epoch, result.epochs - 1);
    const EpochReport& best = run.reports.at(static_cast<std::size_t>(result.best_epoch));
    BOOST_CHECK_EQUAL(result.validation.loss, best.validation->loss);
    BOOST_CHECK_NE(result.validation.loss, run.reports.back().validation->loss);
}

BOOST_AUTO_TEST_CASE(without_evaluation_reports_have_no_validation) {
    Run run(complete({"training.evaluate=false", "training.epochs=2"}));
    const TrainingResult result = run.train();
    for (const EpochReport& report : run.reports) BOOST_CHECK(!report.validation);
    BOOST_CHECK_GT(result.validation.loss, 0);
    expect_error<ConfigError>(
        [] {
            Run(complete({"training.evaluate=false", "training.early_stopping.patience=5"}));
        },
        {"training.evaluate", "early_stopping needs", "got false"});
}

BOOST_AUTO_TEST_CASE(seed_decides_initial_weights_and_dropout) {
    const auto weights_after = [](const std::string& seed, const std::string& epochs) {
        Run run(complete({"seed=" + seed, "training.epochs=" + epochs}));
        run.train();
        return run.weights();
    };
    BOOST_CHECK(weights_after("7", "5") == weights_after("7", "5"));
    BOOST_CHECK(weights_after("7", "5") != weights_after("8", "5"));
    Run same_weights(complete({"seed=7", "training.epochs=5"}));
    same_weights.options.seed = 8;
    same_weights.train();
    BOOST_CHECK_MESSAGE(same_weights.weights() != weights_after("7", "5"), "dropout does not depend on the seed");
}

BOOST_AUTO_TEST_CASE(loss_that_is_not_finite_ends_training_with_its_epoch) {
    Run run(complete({"optimizer.type=sgd", "optimizer.learning_rate=1e38", "model.0.p=0"}));
    expect_error<TapeError>([&] { run.train(); },
                            {"training, epoch 0: expected a finite validation loss", "check_finite"});
    Run checked(complete({"optimizer.type=sgd", "optimizer.learning_rate=1e38", "training.check_finite=true"}));
    try {
        checked.train();
        BOOST_ERROR("did not throw");
    } catch (const TapeError& error) {
        BOOST_CHECK_MESSAGE(std::string(error.what()).find("training, epoch") == std::string::npos,
                            "the op was not named: " << error.what());
    }
}

BOOST_AUTO_TEST_SUITE_END()
