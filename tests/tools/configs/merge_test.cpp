#include "tools/configs/merge.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "autograd/errors.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/temporary_folder.hpp"
#include "tools/configs/config.hpp"

using namespace tapegrad;
using nlohmann::json;
using tapegrad::testing::expect_error;
using tapegrad::testing::TemporaryFolder;

namespace {

json merged(const char* first, const char* second) {
    ConfigSources sources("first");
    json config = json::parse(first);
    merge_into(config, json::parse(second), "", "second", sources);
    return config;
}

// Files of a folder that is removed with it.
struct Files {
    TemporaryFolder folder;

    std::string write(const std::string& name, const std::string& text) const {
        const std::filesystem::path file = folder.path() / name;
        create_directories(file.parent_path());
        std::ofstream(file) << text;
        return file.string();
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_configs_merge)

BOOST_AUTO_TEST_CASE(objects_merge_key_by_key_and_all_else_replaces) {
    BOOST_CHECK(merged(R"({"a": {"b": 1, "c": 2}, "d": 3})", R"({"a": {"c": 4, "e": 5}})") ==
                json::parse(R"({"a": {"b": 1, "c": 4, "e": 5}, "d": 3})"));
    BOOST_CHECK(merged(R"({"a": [1, 2, 3]})", R"({"a": [4]})") == json::parse(R"({"a": [4]})"));
    BOOST_CHECK(merged(R"({"a": {"b": 1}})", R"({"a": null})") == json::parse(R"({"a": null})"));
    BOOST_CHECK(merged(R"({"a": null})", R"({"a": {"b": 1}})") == json::parse(R"({"a": {"b": 1}})"));
    BOOST_CHECK(merged(R"({"a": {"b": 1}})", R"({"a": 2})") == json::parse(R"({"a": 2})"));
    BOOST_CHECK(merged(R"({"a": {"b": 1}})", "{}") == json::parse(R"({"a": {"b": 1}})"));
}

BOOST_AUTO_TEST_CASE(files_merge_from_left_to_right) {
    const Files files;
    const std::string one = files.write("one.json", R"({"seed": 1, "training": {"epochs": 10, "evaluate": false}})"),
                      two = files.write("two.json", R"({"seed": 2, "threads": 2})"),
                      three = files.write("three.json", R"({"training": {"epochs": 30} /* longer */})");
    BOOST_CHECK(merge_configs(std::vector{one, two, three}).config ==
                json::parse(R"({"seed": 2, "threads": 2, "training": {"epochs": 30, "evaluate": false}})"));
    BOOST_CHECK(merge_configs(std::vector{three, two, one}).config ==
                json::parse(R"({"seed": 1, "threads": 2, "training": {"epochs": 10, "evaluate": false}})"));
    BOOST_CHECK(merge_configs(std::vector{one}).config == read_config(one));
}

BOOST_AUTO_TEST_CASE(paths_are_seen_from_the_folder_of_their_own_file) {
    const Files files;
    const std::string one = files.write("a/one.json", R"({"dataset": {"name": "../graph"}, "extensions": ["x.so"]})"),
                      two = files.write("b/two.json", R"({"extensions": ["x.so"], "backend": "./fast.so"})");
    const std::string folder = files.folder.path().string();
    BOOST_CHECK(merge_configs(std::vector{one, two}).config == (json{{"dataset", {{"name", folder + "/graph"}}},
                                                                     {"extensions", {folder + "/b/x.so"}},
                                                                     {"backend", folder + "/b/fast.so"}}));
}

BOOST_AUTO_TEST_CASE(error_names_the_file_that_the_value_came_from) {
    const Files files;
    const std::string one = files.write("one.json", R"({"dataset": {"name": "cora"}, "training": {"epochs": 0}})"),
                      two =
                          files.write("two.json", R"({"dataset": {"nam": "cora"}, "optimizer": {"betas": [1, 0.9]}})");
    MergedConfig merged_config = merge_configs(std::vector{one, two});
    merged_config.sources.set(set_value(merged_config.config, "seed=-1"), "--set seed=-1");
    expect_error<ConfigError>([&] { complete_config(merged_config.config, merged_config.sources); },
                              {one + ": training.epochs: ", two + ": dataset.nam: ", two + ": optimizer.betas.0: ",
                               one + " + " + two + ": model: expected a list", "--set seed=-1: seed: "});
}

BOOST_AUTO_TEST_CASE(source_is_that_of_the_nearest_part_around) {
    ConfigSources sources("one.json");
    BOOST_CHECK_EQUAL(sources.of("a.b.c"), "one.json");
    sources.set("a.b", "two.json");
    BOOST_CHECK_EQUAL(sources.of("a.b.c"), "two.json");
    BOOST_CHECK_EQUAL(sources.of("a.bc"), "one.json");
    sources.set("a", "three.json");
    BOOST_CHECK_EQUAL(sources.of("a.b.c"), "three.json");
    BOOST_CHECK_EQUAL(sources.of(""), "one.json");
}

BOOST_AUTO_TEST_SUITE_END()
