#include "tools/training/training_step.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "autograd/ops.hpp"
#include "datasets/load.hpp"
#include "tests/backends/recording_backend.hpp"
#include "tests/tools/training/small_run.hpp"
#include "tools/data/known_datasets.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

const std::vector<std::string> gat = {
    R"(model=[{"type": "gat", "out_features": 4, "heads": 2, "dropout": 0.5, "attention_dropout": 0.5,
               "feature_dropout": 0.5}, {"type": "elu"}, {"type": "gat", "out_features": "classes"}])"};

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_training_step)

BOOST_AUTO_TEST_CASE(recorded_steps_have_the_bits_of_steps_computed_op_by_op,
                     *boost::unit_test::precondition(can_record)) {
    const BackendPtr backend = recording_backend();
    for (const std::vector<std::string>& settings : {std::vector<std::string>{}, gat}) {
        Run recorded(complete(settings), two_classes(), backend), computed(complete(settings), two_classes(), backend);
        TrainingStep step(*recorded.model, *recorded.optimizer, recorded.data, recorded.options);
        for (int epoch = 0; epoch < 8; ++epoch) {
            const double loss = step.run(epoch);
            BOOST_TEST(loss == train_step(*computed.model, *computed.optimizer, computed.data, computed.options, epoch),
                       "epoch " << epoch);
            BOOST_TEST(recorded.weights() == computed.weights(), boost::test_tools::per_element());
            BOOST_TEST(step.is_recorded() == (epoch >= 1));
        }
        BOOST_TEST(recorded.optimizer->steps() == 8);
    }
}

BOOST_AUTO_TEST_CASE(a_loss_that_is_not_finite_leaves_recorded_weights_as_they_are,
                     *boost::unit_test::precondition(can_record)) {
    Run run(complete(), two_classes(), recording_backend());
    TrainingStep step(*run.model, *run.optimizer, run.data, run.options);
    for (int epoch = 0; epoch < 3; ++epoch) step.run(epoch);
    BOOST_TEST_REQUIRE(step.is_recorded());
    const Tensor first = run.model->parameters().front().second;
    const Tensor good = first + 0.0;
    assign(first, first * 1e38 * 1e38);
    const std::vector<double> before = run.weights();
    BOOST_TEST(!std::isfinite(step.run(3)));
    for (std::size_t i = 0; i < before.size(); ++i)
        BOOST_TEST((run.weights()[i] == before[i] || std::isnan(before[i])), "weight " << i);
    assign(first, good);
    BOOST_TEST(std::isfinite(step.run(4)));
}

BOOST_AUTO_TEST_CASE(a_step_of_the_papers_model_on_cora_is_at_most_25_launches,
                     *boost::unit_test::precondition(can_record)) {
    nlohmann::json config = read_config(TAPEGRAD_SOURCE_DIR "/examples/cora_gat.json");
    complete_config(config, "cora_gat.json");
    Run run(config, load_dataset("cora", data_folders()), recording_backend()),
        other(config, load_dataset("cora", data_folders()), recording_backend());
    TrainingStep step(*run.model, *run.optimizer, run.data, run.options);
    for (int epoch = 0; epoch < 3; ++epoch) {
        const double loss = step.run(epoch);
        BOOST_TEST(loss == train_step(*other.model, *other.optimizer, other.data, other.options, epoch));
    }
    BOOST_TEST_REQUIRE(step.is_recorded());
    BOOST_CHECK(run.weights() == other.weights());
    BOOST_TEST_MESSAGE("launches: " << step.launches());
    BOOST_TEST(step.launches() <= 25);
    BOOST_TEST(step.launches() >= 15, "that few launches cannot be the whole step");
}

BOOST_AUTO_TEST_CASE(backends_that_cannot_record_compute_op_by_op) {
    Run run(complete());
    TrainingStep step(*run.model, *run.optimizer, run.data, run.options);
    for (int epoch = 0; epoch < 4; ++epoch) step.run(epoch);
    BOOST_TEST(!step.is_recorded());
}

BOOST_AUTO_TEST_CASE(single_ops_that_are_looked_at_are_not_recorded, *boost::unit_test::precondition(can_record)) {
    Run run(complete({"training.check_finite=true"}), two_classes(), recording_backend());
    TrainingStep step(*run.model, *run.optimizer, run.data, run.options);
    for (int epoch = 0; epoch < 4; ++epoch) step.run(epoch);
    BOOST_TEST(!step.is_recorded());
}

BOOST_AUTO_TEST_SUITE_END()
