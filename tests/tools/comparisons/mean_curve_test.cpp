#include "tools/comparisons/mean_curve.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <vector>

using namespace tapegrad;
using Epochs = std::vector<std::size_t>;

namespace {

RunRecord run_of(const std::vector<std::optional<double>>& losses) {
    RunRecord run{};
    for (const std::optional<double>& loss : losses) {
        EpochMetrics row{};
        row.val_loss = loss;
        run.epochs.push_back(row);
    }
    return run;
}

std::vector<CurvePoint> curve_of(const std::vector<double>& means) {
    std::vector<CurvePoint> curve;
    for (const double mean : means) curve.push_back({mean, 1});
    return curve;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_comparisons_mean_curve)

BOOST_AUTO_TEST_CASE(mean_is_over_the_runs_that_have_the_epoch) {
    const std::vector<RunRecord> runs{run_of({1.0, 2.0, 4.0}), run_of({3.0, std::nullopt}),
                                      run_of({5.0, std::numeric_limits<double>::quiet_NaN()})};
    const std::vector<CurvePoint> curve = mean_curve(runs, &EpochMetrics::val_loss);
    BOOST_TEST(curve.size() == 3u);
    BOOST_TEST(curve[0].mean == 3);
    BOOST_TEST(curve[0].runs == 3u);
    BOOST_TEST(curve[1].mean == 2);
    BOOST_TEST(curve[1].runs == 1u);
    BOOST_TEST(curve[2].mean == 4);
    const std::vector<std::vector<CurvePoint>> curves{curve, {}};
    BOOST_TEST(range_of(curves)->low == 2);
    BOOST_TEST(range_of(curves)->high == 4);
    BOOST_TEST(mean_curve(runs, &EpochMetrics::val_accuracy)[0].runs == 0u);
    const std::vector<std::vector<CurvePoint>> none{mean_curve(runs, &EpochMetrics::val_accuracy)};
    BOOST_TEST(!range_of(none));
}

BOOST_AUTO_TEST_CASE(sparkline_goes_from_the_lowest_block_to_the_highest) {
    BOOST_TEST(sparkline(curve_of({0, 1, 2, 3, 4, 5, 6, 7}), 8, 60, {0, 7}) == "▁▂▃▄▅▆▇█");
    BOOST_TEST(sparkline(curve_of({0, 7}), 8, 60, {0, 7}) == "▁█");
    BOOST_TEST(sparkline(curve_of({0, 0, 7, 7, 0, 7}), 6, 3, {0, 7}) == "▁█▅");
    BOOST_TEST(sparkline({}, 8, 60, {0, 7}) == "");
    BOOST_TEST(sparkline(curve_of({3, 3}), 2, 60, {3, 3}) == "▅▅");
    std::vector<CurvePoint> gap = curve_of({0, 3, 7});
    gap[1].runs = 0;
    BOOST_TEST(sparkline(gap, 3, 60, {0, 7}) == "▁ █");
}

BOOST_AUTO_TEST_CASE(epochs_of_a_table_are_round) {
    BOOST_TEST(even_epochs(1000, 4) == (Epochs{0, 500, 999}));
    BOOST_TEST(even_epochs(41, 4) == (Epochs{0, 10, 20, 30, 40}));
    BOOST_TEST(even_epochs(1, 4) == (Epochs{0}));
    BOOST_TEST(even_epochs(2, 4) == (Epochs{0, 1}));
    BOOST_TEST(even_epochs(0, 4) == Epochs{});
    BOOST_TEST(growing_epochs(1000, 6) == (Epochs{0, 10, 20, 50, 100, 200, 500, 999}));
    BOOST_TEST(growing_epochs(100, 3) == (Epochs{0, 10, 20, 50, 99}));
    BOOST_TEST(growing_epochs(120, 2) == (Epochs{0, 20, 50, 119}));
    BOOST_TEST(growing_epochs(3, 6) == (Epochs{0, 1, 2}));
    BOOST_TEST(growing_epochs(2, 6) == (Epochs{0, 1}));
    BOOST_TEST(growing_epochs(1, 6) == (Epochs{0}));
    BOOST_TEST(growing_epochs(0, 6) == Epochs{});
}

BOOST_AUTO_TEST_CASE(steps_are_1_2_or_5_times_a_power_of_ten) {
    for (const auto& [least, step] :
         {std::pair{1.0, 1.0}, {1.1, 2.0}, {3.0, 5.0}, {7.0, 10.0}, {0.03, 0.05}, {200.0, 200.0}})
        BOOST_TEST(round_step(least) == step, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_SUITE_END()
