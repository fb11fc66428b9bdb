#include "tools/training/progress.hpp"

#include <boost/test/unit_test.hpp>

using namespace tapegrad;

BOOST_AUTO_TEST_SUITE(tools_progress)

BOOST_AUTO_TEST_CASE(a_line_tells_where_training_stands) {
    const EpochReport report{12, 1.82104, Score{1.5, 0.79}, 0.00112, 0.95};
    BestWeights best;
    best.epoch = 9;
    best.validation = Score{1.4, 0.792};
    BOOST_CHECK_EQUAL(progress_text(report, best, 650.4, 1301),
                      "Epoch 00012 | Loss 1.8210 | Time(s) 0.0011 | Val loss 1.5000 | Val accuracy 0.7900 | Train "
                      "accuracy 0.9500 | Best 0.7920 "
                      "at 00009 | 650 epochs/s | 0:02 left");
    BOOST_CHECK_EQUAL(short_progress_text(report, best, 650.4, 1000),
                      "13/1000  loss 1.8210  val 1.5000  accuracy 0.7900  best 0.7920 at 9  650/s  0:02 left");
    BOOST_CHECK_EQUAL(progress_text({0, 2, {}, 0.5}, {}, 0, 10), "Epoch 00000 | Loss 2.0000 | Time(s) 0.5000");
}

BOOST_AUTO_TEST_CASE(time_is_told_as_a_clock_does) {
    BOOST_CHECK_EQUAL(clock_text(0), "0:00");
    BOOST_CHECK_EQUAL(clock_text(59.6), "1:00");
    BOOST_CHECK_EQUAL(clock_text(3723), "1:02:03");
    BOOST_CHECK_EQUAL(clock_text(-1), "0:00");
}

BOOST_AUTO_TEST_SUITE_END()
