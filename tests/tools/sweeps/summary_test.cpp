#include "tools/sweeps/summary.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "datasets/files.hpp"
#include "tests/temporary_folder.hpp"

using namespace tapegrad;
using nlohmann::json;
using tapegrad::testing::TemporaryFolder;

namespace {

SweepResult result(const json& point, std::int64_t seed, double test, double validation, int epochs = 10) {
    const std::string name = "seed=" + std::to_string(seed);
    return {{name, "sweep/" + name, {}, point, seed},
            {{"test_accuracy", test},
             {"val_accuracy", validation},
             {"best_epoch", 3},
             {"epochs", epochs},
             {"train_seconds", 2.0}},
            ""};
}

SweepResult failure(std::int64_t seed, const std::string& error = "no \"room\", left") {
    const std::string name = "seed=" + std::to_string(seed);
    return {{name, "sweep/" + name, {}, json::object(), seed}, nullptr, error};
}

SweepResult computed_by(const std::string& backend, SweepResult result) {
    result.result["backend"] = backend;
    return result;
}

const json none = json::object();

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_sweep_summary)

// Mean 0.82, deviation 0.01, t(0.975, 2) = 4.302653: 0.82 -+ 4.302653 * 0.01 / sqrt(3) = 0.82 -+ 0.0248414.
BOOST_AUTO_TEST_CASE(figures_of_a_point_are_those_worked_out_by_hand) {
    const auto points = summarise(
        {result(none, 0, 0.81, 0.8, 10), failure(7), result(none, 1, 0.82, 0.79, 30), result(none, 2, 0.83, 0.81, 20)});
    BOOST_REQUIRE_EQUAL(points.size(), 1);
    const PointSummary& point = points[0];
    BOOST_CHECK_EQUAL(point.runs, 3);
    BOOST_CHECK_CLOSE(point.test_mean, 0.82, 1e-9);
    BOOST_CHECK_CLOSE(*point.deviation, 0.01, 1e-9);
    BOOST_CHECK_CLOSE(point.interval->lower, 0.7951586, 1e-4);
    BOOST_CHECK_CLOSE(point.interval->upper, 0.8448414, 1e-4);
    BOOST_CHECK_CLOSE(point.validation_mean, 0.8, 1e-9);
    BOOST_CHECK_EQUAL(point.lowest, 0.81);
    BOOST_CHECK_EQUAL(point.highest, 0.83);
    BOOST_CHECK_EQUAL(point.best_run, "seed=2");
    BOOST_CHECK_EQUAL(point.median_epochs, 20);
    const std::string text = to_text(points);
    for (const char* part :
         {"82.00", "1.00", "79.52 to 84.48", "81.00", "83.00", "80.00", "\nBest run by validation accuracy: seed=2\n"})
        BOOST_CHECK_MESSAGE(text.find(part) != std::string::npos, part << " is not in\n" << text);
}

BOOST_AUTO_TEST_CASE(the_best_point_is_that_of_the_best_validation_accuracy) {
    const json slow{{"optimizer.learning_rate", 0.005}}, fast{{"optimizer.learning_rate", 0.01}};
    const auto points = summarise({result(slow, 0, 0.9, 0.7), result(slow, 1, 0.9, 0.7), result(fast, 0, 0.8, 0.75)});
    BOOST_REQUIRE_EQUAL(points.size(), 2);
    BOOST_CHECK(points[0].point == slow);
    BOOST_CHECK(!points[1].deviation && !points[1].interval);
    BOOST_CHECK_NE(to_text(points).find("optimizer.learning_rate=0.01, whose test accuracy is 80.00 %"),
                   std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_run_that_is_called_best_is_one_of_the_best_point) {
    const json steady{{"p", 0.1}}, lucky{{"p", 0.5}};
    const std::string text = to_text(summarise({result(steady, 1, 0.8, 0.78), result(steady, 2, 0.8, 0.79),
                                                result(lucky, 3, 0.8, 0.9), result(lucky, 4, 0.8, 0.5)}));
    BOOST_CHECK_NE(text.find("Its best run by validation accuracy: seed=2\n"), std::string::npos);
}

BOOST_AUTO_TEST_CASE(backends_are_told_where_there_are_several) {
    const SweepResult simd = computed_by("simd", result(none, 0, 0.8, 0.8));
    const SweepResult reference = computed_by("reference", result(none, 1, 0.8, 0.8));
    BOOST_CHECK_EQUAL(to_text(summarise({simd, simd})).find("backend"), std::string::npos);
    const std::string text = to_text(summarise({simd, reference}));
    BOOST_CHECK_NE(text.find("backend\n"), std::string::npos);
    BOOST_CHECK_NE(text.find("reference, simd\n"), std::string::npos);
    BOOST_CHECK((backends_of(summarise({simd, reference})) == std::set<std::string>{"reference", "simd"}));
}

BOOST_AUTO_TEST_CASE(equal_errors_are_told_once_and_counted) {
    const std::vector<std::string> lines = error_lines(
        {failure(0, "full"), failure(1, "broken"), result(none, 2, 0.8, 0.8), failure(3, "full"), failure(4, "full")});
    BOOST_CHECK((lines == std::vector<std::string>{"seed=0 and 2 more: full", "seed=1: broken"}));
}

BOOST_AUTO_TEST_CASE(runs_that_all_failed_have_no_figures) {
    BOOST_CHECK(summarise({failure(0), failure(1)}).empty());
    BOOST_CHECK_EQUAL(to_text({}), "");
}

BOOST_AUTO_TEST_CASE(files_hold_every_run) {
    const TemporaryFolder folder;
    write_summary(folder.path(), {result(none, 0, 0.81, 0.8), failure(7)});
    BOOST_CHECK_EQUAL(read_file(folder.path() / "sweep.csv"),
                      "run,seed,test_accuracy,val_accuracy,best_epoch,epochs,train_seconds,error\n"
                      "seed=0,0,0.81,0.8,3,10,2.0,\n"
                      "seed=7,7,,,,,,\"no \"\"room\"\", left\"\n");
    const json content = json::parse(read_file(folder.path() / "sweep.json"));
    BOOST_CHECK_EQUAL(content.at("runs").size(), 2);
    BOOST_CHECK(content.at("points")[0].at("test_accuracy_mean") == 0.81);
    BOOST_CHECK(content.at("points")[0].at("test_accuracy_sd").is_null());
}

BOOST_AUTO_TEST_SUITE_END()
