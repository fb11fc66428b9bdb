#include "tools/comparisons/comparison.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "autograd/errors.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/tools/comparisons/made_runs.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;
using Names = std::vector<std::string>;
namespace fs = std::filesystem;

namespace {

const std::vector<double> a{.829, .835, .831, .824, .838, .826, .830, .841};
const std::vector<double> b{.821, .832, .833, .819, .828, .822, .829, .830};

RunComparison compare(const Names& folders, const std::string& metric = "test_accuracy") {
    return compare_runs(folders, metric);
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string all_notes(const RunComparison& comparison) {
    std::string text;
    for (const std::string& note : notes(comparison)) text += note + "\n";
    return text;
}

// Two groups of two runs, of other learning rates.
struct TwoGroups : MadeRuns {
    const std::string first = add_seeds("first", {0.75, 0.5}, 0.01), second = add_seeds("second", {0.75, 0.625}, 0.02);
};

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_comparisons)

BOOST_AUTO_TEST_CASE(results_of_two_groups_are_those_of_scipy, *boost::unit_test::tolerance(1e-10)) {
    const MadeRuns runs;
    const RunComparison comparison = compare({runs.add_seeds("a", a, 0.01), runs.add_seeds("b", b, 0.02)});
    // np.mean(a), np.std(a, ddof=1), stats.t.interval(0.95, 7, np.mean(a), stats.sem(a)) of SciPy 1.17.1
    const GroupSummary& summary = comparison.summaries[0];
    BOOST_TEST(summary.count == 8u);
    BOOST_TEST(summary.mean == 0.83175);
    BOOST_TEST(summary.deviation.value() == 0.005849297882163788);
    BOOST_TEST(summary.interval->lower == 0.8268598645936667);
    BOOST_TEST(summary.interval->upper == 0.8366401354063333);
    BOOST_TEST(summary.minimum == 0.824);
    BOOST_TEST(summary.maximum == 0.841);
    // stats.ttest_rel(b, a).pvalue
    BOOST_TEST(comparison.tests[0].p == 0.01587780383518859);
    BOOST_TEST(comparison.sentences[0] ==
               "a is better than b by 0.50 points (95 % interval 0.13 to 0.87, paired over 8 seeds, p = 0.016).");
    BOOST_TEST(notes(comparison).empty());
    const std::string text = to_text(comparison);
    for (const char* line :
         {"optimizer.lr  0.01  0.02\n", "a                  8  83.17  0.58  82.69 to 83.66  82.40  84.10\n", "a  ▁▄█\n",
          "a      20.00  40.00  60.00\n",
          "b        paired t, 8 pairs                -0.50  -0.87 to -0.13  -3.16  7.0  0.0159"})
        BOOST_TEST(contains(text, line), "no '" << line << "' in\n" << text);
    BOOST_TEST(!contains(text, "seed "));
    BOOST_TEST(!contains(text, "threads"));
}

BOOST_AUTO_TEST_CASE(json_has_the_numbers_and_nulls_for_what_is_not_there) {
    const TwoGroups runs;
    const nlohmann::json two = to_json(compare({runs.first, runs.second}));
    BOOST_TEST(two["metric"] == "test_accuracy");
    BOOST_TEST(two["config"]["optimizer.lr"] == nlohmann::json({0.01, 0.02}));
    BOOST_TEST(two["groups"][1]["mean"] == 0.6875);
    BOOST_TEST(two["groups"][1]["runs"][1] == nlohmann::json({{"seed", 1}, {"value", 0.625}}));
    BOOST_TEST(two["groups"][0]["curves"]["val_loss"]["mean"] == nlohmann::json({2.0, 1.5, 1.0}));
    BOOST_TEST(two["tests"][0]["test"] == "paired");
    BOOST_TEST(two["tests"][0]["difference"] == 0.0625);
    const nlohmann::json single = to_json(compare({runs.first + "/seed=0", runs.second + "/seed=1"}));
    BOOST_TEST(single["groups"][0]["sd"].is_null());
    BOOST_TEST(single["tests"][0]["test"].is_null());
    BOOST_TEST(single["tests"][0]["p"].is_null());
}

BOOST_AUTO_TEST_CASE(one_folder_with_several_configs_is_compared_within) {
    const MadeRuns runs;
    for (const int seed : {1, 2})
        for (const double rate : {0.1, 0.02})
            runs.add(fmt::format("sweep/lr={},seed={}", rate, seed), seed, rate + 0.01 * seed, rate);
    const RunComparison comparison = compare({runs.path("sweep")});
    BOOST_TEST(comparison.groups.size() == 2u);
    BOOST_TEST(comparison.groups[0].name == "lr=0.02");
    BOOST_TEST(comparison.groups[1].name == "lr=0.1");
    BOOST_TEST(comparison.groups[1].runs.size() == 2u);
    const std::string other = runs.add("other", 1, 0.5, 0.3);
    const RunComparison three = compare({runs.path("sweep/"), other});
    BOOST_TEST(three.groups.size() == 3u);
    BOOST_TEST(three.groups[0].name == "sweep/lr=0.02");
    BOOST_TEST(three.groups[2].name == "other");
}

BOOST_AUTO_TEST_CASE(folders_that_end_alike_keep_their_whole_names) {
    const MadeRuns runs;
    const RunComparison comparison = compare({runs.add_seeds("x/gat", {0.5}, 1), runs.add_seeds("y/gat", {0.6}, 2)});
    BOOST_TEST(comparison.groups[0].name == runs.path("x/gat"));
}

BOOST_AUTO_TEST_CASE(runs_that_cannot_count_are_left_out_and_named) {
    const TwoGroups runs;
    runs.add("first/seed=7", 7, 0.8);
    fs::remove(runs.path("first/seed=7/result.json"));
    runs.add("first/seed=8", 8, 0.8);
    runs.write("first/seed=8/result.json", "{\"test_accuracy\": 0.");
    runs.add("first/seed=9", 9, 0.8);
    runs.write("first/seed=9/result.json", "[]");
    runs.add("first/seed=10", 10, nullptr);  // as a NaN is written
    runs.add("first/seed=11", 11, "high");
    runs.add("first/twice", 1, 0.9);
    runs.add("first/undescribed", 12, 0.9);
    fs::remove(runs.path("first/undescribed/run.json"));
    runs.write("first/notes/text.txt", "no run");
    const RunComparison comparison = compare({runs.first, runs.second});
    BOOST_TEST(comparison.summaries[0].count == 2u);
    BOOST_TEST(comparison.summaries[0].mean == 0.625);
    BOOST_TEST(comparison.left_out.size() == 7u);
    const std::string told = all_notes(comparison);
    for (const char* part :
         {"first/seed=7: not finished", "result.json: expected JSON, got", "an object of JSON, got a list of 0",
          "first/seed=10, ", "first/seed=11: its test_accuracy is not a finite number",
          "first/twice: seed 1 again, as ", "one without run.json"})
        BOOST_TEST(contains(told, part), "no '" << part << "' in\n" << told);
}

BOOST_AUTO_TEST_CASE(many_folders_with_one_reason_share_a_line) {
    const TwoGroups runs;
    for (int seed = 10; seed < 20; ++seed) {
        runs.add(fmt::format("first/seed={}", seed), seed, 0.8);
        fs::remove(runs.path(fmt::format("first/seed={}/result.json", seed)));
    }
    const std::vector<std::string> lines = notes(compare({runs.first, runs.second}));
    BOOST_TEST(lines.size() == 1u);
    BOOST_TEST(lines[0].ends_with("seed=12 and 7 more: not finished"));
}

BOOST_AUTO_TEST_CASE(metrics_that_are_damaged_cost_the_curve_alone) {
    const TwoGroups runs;
    const std::string first = MadeRuns::metrics_line(0, 0.2, 2.0);
    runs.write("first/seed=0/metrics.jsonl", first + R"({"epoch":1,"train_lo)");
    runs.write("first/seed=1/metrics.jsonl", first + "nonsense\n" + first);
    fs::remove(runs.path("second/seed=0/metrics.jsonl"));
    const RunComparison comparison = compare({runs.first, runs.second});
    BOOST_TEST(comparison.summaries[0].count == 2u);
    BOOST_TEST(comparison.curves[0].means[0].size() == 1u);
    BOOST_TEST(comparison.curves[0].means[0][0].runs == 1u);
    BOOST_TEST(comparison.curves[0].means[1][2].runs == 1u);
    const std::string told = all_notes(comparison);
    for (const char* part : {"seed=0/metrics.jsonl was cut: it holds 1 of 3 epochs", "seed=1 has no curves: ", "line 2",
                             "second/seed=0 has no curves: "})
        BOOST_TEST(contains(told, part), "no '" << part << "' in\n" << told);
}

BOOST_AUTO_TEST_CASE(no_epochs_at_all_are_no_curves) {
    const TwoGroups runs;
    for (const char* run : {"first/seed=0", "first/seed=1", "second/seed=0", "second/seed=1"})
        runs.write(fmt::format("{}/metrics.jsonl", run), "");
    const RunComparison comparison = compare({runs.first, runs.second});
    BOOST_TEST(contains(to_text(comparison), "validation loss: in no run\n"));
    BOOST_TEST(contains(to_page(comparison), "No run has a validation loss."));
}

BOOST_AUTO_TEST_CASE(other_data_versions_and_equal_configs_are_remarked) {
    const TwoGroups runs;
    runs.write_description("second/seed=1", "cora", "fedcba9876543210");
    BOOST_TEST(
        contains(all_notes(compare({runs.first, runs.second})),
                 "not of the same data, so they tell nothing about the configs alone: first with cora (01234567); "
                 "second with cora (01234567) and cora (fedcba98)"));
    const std::string same = runs.add("same", 1, 0.5);
    const RunComparison equal = compare({runs.first, same});
    BOOST_TEST(contains(all_notes(equal), "the configs are the same but for the seed"));
    BOOST_TEST(contains(to_text(equal), "The configs are the same but for the seed.\n"));
}

BOOST_AUTO_TEST_CASE(other_initial_weights_are_remarked_and_then_equal_configs_are_no_reason_to_expect_nothing) {
    const MadeRuns runs;
    const std::string random = runs.add("random", 1, 0.5), trained = runs.add("trained", 1, 0.8);
    runs.write_description("trained", "cora", "0123456789abcdef", "pyg fedcba9876543210");
    const std::string remarks = all_notes(compare({random, trained}));
    BOOST_TEST(contains(remarks,
                        "began with other weights, so they tell nothing about the configs alone: "
                        "random with random ones; trained with pyg fedcba98"));
    BOOST_TEST(!contains(remarks, "no difference is to be expected"));
}

BOOST_AUTO_TEST_CASE(groups_are_named_by_the_keys_that_they_have) {
    const MadeRuns runs;
    const auto add_with = [&](const std::string& name, const nlohmann::json& optimizer) {
        runs.add(name, 1, 0.5);
        runs.write(name + "/config.json", nlohmann::json{{"seed", 1}, {"optimizer", optimizer}}.dump());
    };
    add_with("types/adam", {{"type", "adam"}, {"epsilon", 1e-8}});
    add_with("types/sgd", {{"type", "sgd"}, {"momentum", 0}});
    const RunComparison types = compare({runs.path("types")});
    BOOST_TEST(types.groups[0].name == "momentum=0,type=\"sgd\"");
    BOOST_TEST(types.groups[1].name == "epsilon=1e-08,type=\"adam\"");
    // Unless no name would be left.
    add_with("keys/with", {{"momentum", 0}});
    add_with("keys/without", nlohmann::json::object());
    BOOST_TEST(compare({runs.path("keys")}).groups[0].name == "momentum=(absent)");
}

BOOST_AUTO_TEST_CASE(only_epochs_that_some_runs_did_not_reach_are_explained) {
    const MadeRuns runs;
    const std::string one = runs.add_seeds("with (brackets)", {0.5, 0.6}, 0.1);
    const std::string other = runs.add_seeds("other", {0.5, 0.6}, 0.2);
    BOOST_TEST(!contains(to_text(compare({one, other})), "went on to this epoch"));
    runs.write("other/seed=1/metrics.jsonl", MadeRuns::metrics_line(0, 0.2, 2.0));
    BOOST_TEST(contains(to_text(compare({one, other})), "went on to this epoch"));
}

BOOST_AUTO_TEST_CASE(differences_without_spread_have_no_t_and_no_p) {
    const MadeRuns runs;
    const std::string low = runs.add_seeds("low", {.811, .815}, 0.1), high = runs.add_seeds("high", {.821, .825}, 0.2);
    const RunComparison comparison = compare({low, high});
    BOOST_TEST(
        contains(to_text(comparison), "high is better than low by 1.00 points in each of 2 pairs of equal seed"));
    const std::vector<std::string> row = test_cells(comparison)[1];
    BOOST_TEST(row[3] == "-");  // t
    BOOST_TEST(row[6] == "-");  // p
    const nlohmann::json test = to_json(comparison)["tests"][0];
    BOOST_TEST(test["t"].is_null());
    BOOST_TEST(test["p"].is_null());
}

BOOST_AUTO_TEST_CASE(nothing_to_compare_is_told) {
    const TwoGroups runs;
    expect_error<ConfigError>([&] { compare({runs.first}); }, {"at least two folders", "all of one config"});
    expect_error<ConfigError>([&] { compare({runs.first, runs.first + "/"}); }, {"which " + runs.first + " has too"});
    expect_error<ConfigError>([&] { compare({runs.first, runs.first + "/seed=0"}); }, {"none that lies in another"});
    expect_error<ConfigError>([&] { compare({runs.first, runs.path("none")}); }, {"no folder of that name"});
    runs.write("empty/text.txt", "no run");
    expect_error<ConfigError>([&] { compare({runs.first, runs.path("empty")}); }, {"a folder without either"});
    runs.add("begun", 1, 0.5);
    fs::remove(runs.path("begun/result.json"));
    expect_error<DataError>([&] { compare({runs.first, runs.path("begun")}); }, {"not finished", "--resume"});
    const std::string infinite = runs.add("infinite", 1, nullptr);
    expect_error<DataError>([&] { compare({runs.first, infinite}); }, {"infinite: ", "test_accuracy", "--metric"});
}

BOOST_AUTO_TEST_CASE(unknown_metrics_are_told_with_the_nearest) {
    const TwoGroups runs;
    expect_error<ConfigError>(
        [&] {
            compare({runs.first, runs.second}, "test_acuracy");
        },
        {"--metric test_acuracy", "epochs, test_accuracy, test_loss", "mean test_accuracy?"});
    expect_error<ConfigError>([&] { compare({runs.first, runs.second}, "backend"); }, {"one of epochs"});
    BOOST_TEST(contains(to_text(compare({runs.first, runs.second}, "test_loss")), "have the same test_loss"));
}

BOOST_AUTO_TEST_CASE(page_draws_every_run_and_runs_no_script) {
    const TwoGroups runs;
    const std::string evil = runs.add_seeds("<script>alert(1)<&\"", {0.5, 0.6}, 0.03);
    const std::string page = to_page(compare({runs.first, runs.second, evil}));
    BOOST_TEST(!contains(page, "<script"));
    BOOST_TEST(contains(page, "&lt;script&gt;alert(1)&lt;&amp;&quot;"));
    std::size_t lines = 0;
    for (std::size_t at = page.find("<path d=\"M"); at != std::string::npos; at = page.find("<path d=\"M", at + 1))
        ++lines;
    BOOST_TEST(lines == 12u);  // 6 runs in 2 charts
    // 0.2, 0.4 and 0.6 are the lowest, middle and highest of 1000.
    BOOST_TEST(contains(page, "<path d=\"M0 1000h0L500 500L1000 0\"/>"));
}

BOOST_AUTO_TEST_SUITE_END()
