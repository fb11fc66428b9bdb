#include "tools/reports/evaluation.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

using namespace tapegrad;

namespace {

const auto rounding = boost::test_tools::tolerance(1e-6);  // the logits are f32

float ln(double x) { return static_cast<float>(std::log(x)); }

// Five nodes and three classes, of which the last is never predicted. Logits are logarithms of odds.
const std::vector<float> logits{
    ln(8), 0,     0,      // node 0: 0.8, 0.1, 0.1
    ln(6), ln(3), 0,      // node 1: 0.6, 0.3, 0.1
    0,     ln(8), 0,      // node 2: 0.1, 0.8, 0.1
    0,     0,     0,      // node 3: a third each, so that the first class counts as predicted
    0,     0,     ln(98)  // node 4, which is not judged: 0.98 for the last class
};
const std::vector<std::int32_t> labels{0, 1, 1, 2, -1};
const std::vector<std::int32_t> judged{0, 1, 2, 3};

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_evaluation)

BOOST_AUTO_TEST_CASE(rows_of_the_confusion_matrix_are_true_classes) {
    const Evaluation evaluation = evaluate_nodes(logits, 3, labels, judged);
    BOOST_CHECK((evaluation.confusion == std::vector<std::vector<std::int64_t>>{{1, 0, 0}, {1, 1, 0}, {1, 0, 0}}));
    BOOST_TEST(evaluation.accuracy == 0.5);
    BOOST_TEST(evaluation.loss == -(std::log(0.8) + std::log(0.3) + std::log(0.8) + std::log(1. / 3)) / 4, rounding);
}

BOOST_AUTO_TEST_CASE(scores_of_a_class_are_those_worked_by_hand) {
    const std::vector<ClassScore> classes = evaluate_nodes(logits, 3, labels, judged).classes;
    BOOST_TEST(classes[0].support == 1);
    BOOST_TEST(classes[0].precision.value() == 1. / 3, rounding);
    BOOST_TEST(classes[0].recall.value() == 1);
    BOOST_TEST(classes[0].f1.value() == 0.5, rounding);  // 2 * 1/3 * 1 / (4/3)
    BOOST_TEST(classes[1].support == 2);
    BOOST_TEST(classes[1].precision.value() == 1);
    BOOST_TEST(classes[1].recall.value() == 0.5);
    BOOST_TEST(classes[1].f1.value() == 2. / 3, rounding);
    BOOST_TEST(classes[2].support == 1);
    BOOST_TEST(!classes[2].precision.has_value());
    BOOST_TEST(classes[2].recall.value() == 0);
    BOOST_TEST(classes[2].f1.value() == 0);
}

BOOST_AUTO_TEST_CASE(a_class_that_is_neither_there_nor_predicted_has_no_scores) {
    const ClassScore score = evaluate_nodes(logits, 3, labels, std::vector<std::int32_t>{0, 2}).classes[2];
    BOOST_TEST(score.support == 0);
    BOOST_TEST(!score.precision.has_value());
    BOOST_TEST(!score.recall.has_value());
    BOOST_TEST(!score.f1.has_value());
}

BOOST_AUTO_TEST_CASE(calibration_compares_confidence_with_accuracy_bin_by_bin) {
    const Evaluation evaluation = evaluate_nodes(logits, 3, labels, judged);
    BOOST_TEST(evaluation.bins.size() == 15U);
    // 0.8 = 12/15 belongs to (11/15, 12/15] but for rounding, 0.6 = 9/15 to (8/15, 9/15], a third to (4/15, 5/15]; so
    // they are looked for on either side.
    std::int64_t counted = 0;
    double confidence = 0, right = 0;
    for (const CalibrationBin& bin : evaluation.bins) {
        BOOST_TEST(bin.to - bin.from == 1. / 15, rounding);
        counted += bin.count;
        confidence += bin.confidence * static_cast<double>(bin.count);
        right += bin.accuracy * static_cast<double>(bin.count);
    }
    BOOST_TEST(counted == 4);
    BOOST_TEST(confidence == 0.8 + 0.6 + 0.8 + 1. / 3, rounding);
    BOOST_TEST(right == 2, rounding);
    // Two nodes at 0.8 are both right, one at 0.6 and one at a third are wrong.
    BOOST_TEST(evaluation.expected_calibration_error == (2 * 0.2 + 0.6 + 1. / 3) / 4, rounding);
}

BOOST_AUTO_TEST_CASE(a_bin_holds_what_is_above_its_beginning_up_to_its_end) {
    const std::vector<float> sure{200, 0, 0};
    const CalibrationBin last =
        evaluate_nodes(sure, 3, std::vector<std::int32_t>{0}, std::vector<std::int32_t>{0}).bins[14];
    BOOST_TEST(last.count == 1);
    BOOST_TEST(last.confidence == 1);
    const std::vector<float> half{ln(0.65), ln(0.35)};  // 0.65 * 15 = 9.75
    const CalibrationBin tenth =
        evaluate_nodes(half, 2, std::vector<std::int32_t>{1}, std::vector<std::int32_t>{0}).bins[9];
    BOOST_TEST(tenth.count == 1);
    BOOST_TEST(tenth.accuracy == 0);
}

BOOST_AUTO_TEST_CASE(large_logits_overflow_nowhere) {
    const std::vector<float> large{3e38f, -3e38f};
    const Evaluation evaluation = evaluate_nodes(large, 2, std::vector<std::int32_t>{0}, std::vector<std::int32_t>{0});
    BOOST_TEST(evaluation.loss == 0);
    BOOST_TEST(evaluation.expected_calibration_error == 0);
}

BOOST_AUTO_TEST_SUITE_END()
