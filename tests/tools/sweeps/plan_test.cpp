#include "tools/sweeps/plan.hpp"

#include <boost/test/unit_test.hpp>
#include <set>
#include <string>
#include <vector>

#include "autograd/errors.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/tools/training/small_run.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;
using nlohmann::json;

namespace {

std::vector<SweepRun> plan_of(const json& config, const std::vector<std::int64_t>& seeds,
                              const std::vector<GridAxis>& axes) {
    return plan_sweep({config, ConfigSources("file.json")}, seeds, axes,
                      {.of_sweep = "sweep", .of_config = "/configs"});
}

std::vector<SweepRun> plan(const std::vector<std::int64_t>& seeds, const std::vector<GridAxis>& axes) {
    return plan_of(complete(), seeds, axes);
}

std::vector<std::string> names_of(const std::vector<SweepRun>& runs) {
    std::vector<std::string> names;
    for (const SweepRun& run : runs) names.push_back(run.name);
    return names;
}

const GridAxis rates{"optimizer.learning_rate", {0.005, 0.01}};

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_sweep_plan)

BOOST_AUTO_TEST_CASE(seeds_make_a_run_each) {
    const std::vector<SweepRun> runs = plan({3, 1}, {});
    BOOST_CHECK((names_of(runs) == std::vector<std::string>{"seed=3", "seed=1"}));
    BOOST_CHECK(runs[0].config.at("seed") == 3);
    BOOST_CHECK_EQUAL(runs[0].seed, 3);
    BOOST_CHECK(runs[0].folder == "sweep/seed=3");
    BOOST_CHECK(runs[0].point.empty());
    json same = runs[1].config;
    same["seed"] = 3;
    BOOST_CHECK(same == runs[0].config);
}

BOOST_AUTO_TEST_CASE(a_grid_is_the_product_of_its_axes_and_the_seeds) {
    const GridAxis widths{"model.1.out_features", {4, 8}};
    const std::vector<SweepRun> runs = plan({0, 1}, {rates, widths});
    BOOST_CHECK((names_of(runs) ==
                 std::vector<std::string>{
                     "learning_rate=0.005,out_features=4,seed=0", "learning_rate=0.005,out_features=4,seed=1",
                     "learning_rate=0.005,out_features=8,seed=0", "learning_rate=0.005,out_features=8,seed=1",
                     "learning_rate=0.01,out_features=4,seed=0", "learning_rate=0.01,out_features=4,seed=1",
                     "learning_rate=0.01,out_features=8,seed=0", "learning_rate=0.01,out_features=8,seed=1"}));
    BOOST_CHECK(runs[5].config.at("model")[1].at("out_features") == 4);
    BOOST_CHECK(runs[5].config.at("optimizer").at("learning_rate") == 0.01);
    BOOST_CHECK((runs[5].point == json{{"optimizer.learning_rate", 0.01}, {"model.1.out_features", 4}}));
}

BOOST_AUTO_TEST_CASE(without_seeds_there_is_that_of_the_config) {
    BOOST_CHECK((names_of(plan({}, {rates})) == std::vector<std::string>{"learning_rate=0.005", "learning_rate=0.01"}));
    BOOST_CHECK_EQUAL(plan({}, {rates})[0].seed, 0);
    BOOST_CHECK((names_of(plan({}, {{"seed", {4, 5}}})) == std::vector<std::string>{"seed=4", "seed=5"}));
}

BOOST_AUTO_TEST_CASE(names_are_as_long_as_it_takes_to_tell_keys_apart_and_hold_no_path) {
    const std::vector<SweepRun> runs = plan(
        {}, {{"model.1.out_features", {4}}, {"model.3.out_features", {"classes"}}, {"dataset.name", {"../a/b c"}}});
    BOOST_CHECK(runs[0].name.starts_with("1.out_features=4,3.out_features=classes,name=.._a_b_c-"));
    BOOST_CHECK_EQUAL(runs[0].name.find('/'), std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_name_of_a_run_depends_on_its_own_values_alone) {
    const std::string common(50, 'x');
    const std::vector<json> values{"a b", "a/b", common + "1", common + "2", "4"};
    const std::vector<std::string> together = names_of(plan({}, {{"dataset.name", values}}));
    for (std::size_t i = 0; i < values.size(); ++i)
        BOOST_CHECK_EQUAL(plan({}, {{"dataset.name", {values[i]}}})[0].name, together[i]);
    BOOST_CHECK_EQUAL(std::set(together.begin(), together.end()).size(), values.size());
    BOOST_CHECK_NE(together[4], "name=4");  // which would be that of a number
}

BOOST_AUTO_TEST_CASE(paths_among_the_values_are_seen_from_the_folder_of_the_config) {
    const std::vector<SweepRun> runs = plan({}, {{"dataset.name", {"cora", "./own/books", "/own/books"}}});
    BOOST_CHECK_EQUAL(runs[0].config.at("dataset").at("name"), "cora");
    BOOST_CHECK_EQUAL(runs[1].config.at("dataset").at("name"), "/configs/own/books");
    BOOST_CHECK_EQUAL(runs[2].config.at("dataset").at("name"), "/own/books");
}

BOOST_AUTO_TEST_CASE(a_config_has_to_be_right_only_with_the_values_of_the_grid) {
    json config = complete();
    config.erase("dataset");
    config["optimizer"] = {{"momentum", 0.9}};
    const std::vector<SweepRun> runs = plan_of(config, {}, {{"optimizer.type", {"sgd"}}, {"dataset.name", {"cora"}}});
    BOOST_REQUIRE_EQUAL(runs.size(), 1);
    BOOST_CHECK(runs[0].config.at("optimizer").at("momentum") == 0.9);
    expect_error<ConfigError>(
        [&] {
            plan_of(config, {}, {{"optimizer.type", {"adam"}}});
        },
        {"file.json: dataset: ", "file.json: optimizer.momentum: "});
}

BOOST_AUTO_TEST_CASE(a_changed_type_brings_its_own_defaults) {
    json incomplete = complete();
    incomplete["optimizer"] = {{"learning_rate", 0.1}};
    const std::vector<GridAxis> types{{"optimizer.type", {"sgd", "adam"}}};
    const std::vector<SweepRun> runs = plan_of(incomplete, {}, types);
    BOOST_CHECK(runs[0].config.at("optimizer").contains("momentum"));
    BOOST_CHECK(runs[1].config.at("optimizer").contains("betas"));
    expect_error<ConfigError>([] { plan({}, {{"optimizer.momentum", {0.5}}}); }, {"--grid momentum=0.5"});
}

BOOST_AUTO_TEST_CASE(what_cannot_be_trained_is_refused_before_anything_is) {
    expect_error<ConfigError>(
        [] {
            plan({}, {{"optimizer.learning_rate", {0.1, -1}}});
        },
        {"--grid learning_rate=-1", "optimizer.learning_rate", "more than 0"});
    expect_error<ConfigError>([] { plan({}, {rates, rates}); }, {"each key once", "optimizer.learning_rate twice"});
    expect_error<ConfigError>([] { plan({1}, {{"seed", {1}}}); }, {"seeds in one place"});
    std::vector<json> many;
    for (int i = 1; i <= 400; ++i) many.emplace_back(i);
    expect_error<ConfigError>(
        [&] {
            plan({}, {{"training.epochs", many}, {"model.1.out_features", many}});
        },
        {"at most 100000 runs"});
}

BOOST_AUTO_TEST_SUITE_END()
