#include "tools/training/evaluation_step.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/autograd/wrapped_plugin.hpp"
#include "tests/backends/recording_backend.hpp"
#include "tests/tools/training/small_run.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

BOOST_AUTO_TEST_SUITE(tools_training_evaluation_step)

BOOST_AUTO_TEST_CASE(recorded_evaluations_see_the_weights_by_then, *boost::unit_test::precondition(can_record)) {
    Run run(complete(), two_classes(), recording_backend());
    TrainingStep step(*run.model, *run.optimizer, run.data, run.options);
    EvaluationStep evaluation(*run.model, run.data, run.options, step);
    for (int epoch = 0; epoch < 6; ++epoch) {
        step.run(epoch);
        const Tensor logits = evaluation_logits(*run.model, run.data);
        const Score wanted = score_of(logits, run.data.validation);
        const Evaluation got = evaluation.run();
        BOOST_TEST(got.validation.loss == wanted.loss);
        BOOST_TEST(got.validation.accuracy == wanted.accuracy);
        BOOST_TEST(got.train_accuracy == accuracy(logits, run.data.train));
        BOOST_TEST(evaluation.is_recorded() == (epoch >= 2));
    }
}

BOOST_AUTO_TEST_CASE(training_and_evaluating_from_recorded_work_gives_the_bits_of_computing_op_by_op,
                     *boost::unit_test::precondition(can_record)) {
    Run recorded(complete(), two_classes(), recording_backend());
    Run computed(complete({"training.check_finite=true"}), two_classes(), recording_backend());
    const TrainingResult with = recorded.train(), without = computed.train();
    BOOST_TEST(recorded.weights() == computed.weights(), boost::test_tools::per_element());
    BOOST_TEST(with.test.loss == without.test.loss);
    for (std::size_t epoch = 0; epoch < recorded.reports.size(); ++epoch) {
        BOOST_TEST(recorded.reports[epoch].train_loss == computed.reports[epoch].train_loss, "epoch " << epoch);
        BOOST_TEST(recorded.reports[epoch].validation->loss == computed.reports[epoch].validation->loss,
                   "epoch " << epoch);
        BOOST_TEST(recorded.reports[epoch].validation->accuracy == computed.reports[epoch].validation->accuracy);
        BOOST_TEST(*recorded.reports[epoch].train_accuracy == *computed.reports[epoch].train_accuracy);
    }
}

// Each download waits until all that was asked for is computed.
BOOST_AUTO_TEST_CASE(an_epoch_waits_twice_for_its_loss_and_for_all_else) {
    static int downloads;
    WrappedPlugin plugin("downloads");
    plugin.table.download = [](tg_context* context, void* to, const void* from, std::size_t bytes) {
        ++downloads;
        return WrappedPlugin::original().download(context, to, from, bytes);
    };
    Run run(complete(), two_classes(), Backend::open(plugin.table, 1));
    Trainer trainer(*run.model, *run.optimizer, run.data, run.options);
    trainer.run_epoch();
    downloads = 0;
    trainer.run_epoch();
    BOOST_TEST(downloads == 2);
}

BOOST_AUTO_TEST_CASE(backends_that_cannot_record_compute_op_by_op) {
    Run run(complete());
    TrainingStep step(*run.model, *run.optimizer, run.data, run.options);
    EvaluationStep evaluation(*run.model, run.data, run.options, step);
    for (int i = 0; i < 4; ++i) evaluation.run();
    BOOST_TEST(!evaluation.is_recorded());
}

BOOST_AUTO_TEST_CASE(single_ops_that_are_looked_at_are_not_recorded, *boost::unit_test::precondition(can_record)) {
    Run run(complete({"training.check_finite=true"}), two_classes(), recording_backend());
    TrainingStep step(*run.model, *run.optimizer, run.data, run.options);
    EvaluationStep evaluation(*run.model, run.data, run.options, step);
    for (int i = 0; i < 4; ++i) evaluation.run();
    BOOST_TEST(!evaluation.is_recorded());
}

BOOST_AUTO_TEST_SUITE_END()
