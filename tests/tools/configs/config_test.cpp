#include "tools/configs/config.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <string>

#include "autograd/errors.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/temporary_folder.hpp"

using namespace tapegrad;
using nlohmann::json;
using tapegrad::testing::expect_error;
using tapegrad::testing::TemporaryFolder;

namespace {

// A config that gives only what has no default.
json smallest() {
    return json::parse(R"({"dataset": {"name": "cora"}, "model": [{"type": "linear", "out_features": "classes"}]})");
}

json completed(json config) {
    complete_config(config, "file.json");
    return config;
}

// The smallest config after one change.
json changed(const std::string& assignment) {
    json config = smallest();
    set_value(config, assignment);
    return config;
}

void expect_fault(const json& config, std::initializer_list<std::string> parts) {
    expect_error<ConfigError>([&] { completed(config); }, parts);
}

json read_text(const std::string& text) {
    const TemporaryFolder folder;
    std::ofstream(folder.path() / "config.json", std::ios::binary) << text;
    return read_config(folder.path() / "config.json");
}

void expect_unreadable(const std::string& text, std::initializer_list<std::string> parts) {
    expect_error<ConfigError>([&] { read_text(text); }, parts);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_config)

BOOST_AUTO_TEST_CASE(comments_are_allowed) {
    BOOST_CHECK(read_text("// about\n{/* here */\"seed\": 3}") == (json{{"seed", 3}}));
}

BOOST_AUTO_TEST_CASE(what_is_not_json_is_an_error_with_line_and_column) {
    expect_unreadable("{\n  \"seed\": 1,\n  seed\n}", {"config.json, line 3, column 3", "expected JSON"});
    expect_unreadable("{\"a\": 1", {"line 1, column 8", "unexpected end of input"});
    expect_unreadable("", {"line 1, column 1", "unexpected end of input"});
    expect_unreadable("{}\n}", {"line 2, column 1"});
    expect_unreadable("{\n\t\"a\":\t1,\n\toops}", {"line 3, column 2"});
    expect_unreadable("{\r\n  \"a\": 1,\r\n  oops\r\n}", {"line 3, column 3"});
    expect_unreadable("{\"\u00e9\u20ac\U0001f600\": 1, oops}", {"line 1, column 12"});  // a column is a character
    expect_unreadable("\xef\xbb\xbf{oops}", {"line 1, column 2"});  // which a byte order mark is not
    expect_unreadable("{\"a\": 1 /* never\n\nends", {"line 1, column 9", "missing closing '*/'"});
    expect_unreadable("{\"a\": \"never \\\"ends", {"line 1, column 7", "missing closing quote"});
    expect_unreadable("{\"a\": \"\xff\"}", {"line 1, column", "UTF-8"});
    expect_unreadable("{\"a\":\n [1, 1e999]}",
                      {"config.json, line 2, column 6: expected numbers of at most", "got 1e999"});
}

BOOST_AUTO_TEST_CASE(other_things_that_json_allows_are_errors_too) {
    expect_unreadable("[1]", {"expected an object, got a list of 1"});
    expect_unreadable("{\n\"a\\\"b\": 1,\n  \"a\\\"b\" : 2}", {"line 3, column 3", "twice"});
    expect_unreadable("{\"a\": {\"b\": 1, \"c\": {\"b\": 1}, \"b\": 2}}", {"line 1, column 31", "\"b\" twice"});
    expect_unreadable("{\"a\": " + std::string(100'000, '['), {"nesting"});
}

BOOST_AUTO_TEST_CASE(missing_config_and_a_folder_are_errors) {
    const TemporaryFolder folder;
    expect_error<ConfigError>([&] { read_config(folder.path() / "absent.json"); }, {"absent.json", "no file"});
    expect_error<ConfigError>([&] { read_config(folder.path()); }, {"something else"});
}

BOOST_AUTO_TEST_CASE(every_default_is_filled_in) {
    const json expected = json::parse(R"({
        "backend": "auto", "extensions": [], "seed": 0, "threads": 0,
        "dataset": {"name": "cora", "split": "public", "features": "sparse", "feature_normalisation": "rows",
                    "symmetrise": true, "merge_duplicates": true, "self_loops": true},
        "model": [{"type": "linear", "out_features": "classes", "bias": true}],
        "optimizer": {"type": "adam", "learning_rate": 0.005, "weight_decay": 0, "weight_decay_layers": "all",
                      "betas": [0.9, 0.999], "epsilon": 1e-8},
        "training": {"epochs": 200, "evaluate": true, "early_stopping": null, "check_finite": false}})");
    BOOST_CHECK_MESSAGE(completed(smallest()) == expected, completed(smallest()).dump(4));
}

BOOST_AUTO_TEST_CASE(defaults_depend_on_the_type_and_reach_into_objects_that_were_given) {
    json config = changed("optimizer.type=sgd");
    set_value(config, "training.early_stopping.patience=7");
    config = completed(config);
    BOOST_CHECK_EQUAL(config["optimizer"]["momentum"], 0);
    BOOST_CHECK(!config["optimizer"].contains("betas"));
    BOOST_CHECK_EQUAL(config["training"]["early_stopping"]["rule"], "accuracy_or_loss");
    BOOST_CHECK_EQUAL(config["training"]["early_stopping"]["patience"], 7);
}

BOOST_AUTO_TEST_CASE(completing_twice_changes_nothing) {
    BOOST_CHECK(completed(completed(smallest())) == completed(smallest()));
}

BOOST_AUTO_TEST_CASE(unknown_key_is_named_with_path_and_nearest_key) {
    json config = smallest();
    config["trainng"] = 1;
    expect_fault(config, {"file.json: trainng: ", "an unknown key", "nearest is \"training\""});
    expect_fault(changed("training.epoch=1"),
                 {"file.json: training.epoch: expected one of ", "an unknown key", "nearest is \"epochs\""});
    expect_fault(changed("training.early_stopping.patiense=1"),
                 {"training.early_stopping.patiense: ", "nearest is \"patience\""});
    expect_fault(changed("model.0.out_feature=1"), {"model.0.out_feature: ", "nearest is \"out_features\""});
    expect_fault(changed("optimizer.momentum=0.5"), {"optimizer.momentum: ", "betas", "a key of type \"sgd\""});
    config = smallest();
    config["optimizer"]["lr"] = 1;
    expect_fault(config, {"optimizer.lr: ", "an unknown key. Write \"learning_rate\""});
}

BOOST_AUTO_TEST_CASE(wrong_type_says_what_is_allowed_and_what_came) {
    expect_fault(changed("training.epochs=many"), {"file.json: training.epochs: expected an integer", "got \"many\"",
                                                   "the number of passes over the data at most"});
    expect_fault(changed("training.epochs=2.5"), {"training.epochs: expected an integer", "got 2.5"});
    expect_fault(changed("training.evaluate=1"), {"training.evaluate: expected true or false, got 1"});
    expect_fault(changed("training.early_stopping=true"), {"early_stopping: expected an object or null, got true"});
    expect_fault(changed("training=[1, 2]"), {"training: expected an object, got a list of 2"});
    expect_fault(changed("dataset=cora"), {"dataset: expected an object, got \"cora\""});
    expect_fault(changed("model.0=gat"), {"model.0: expected an object, got \"gat\""});
    expect_fault(changed("seed=null"), {"seed: expected an integer", "got null"});
    expect_fault(changed("extensions={}"), {"extensions: expected a list of strings, got an object"});
    expect_fault(changed("extensions=[\"a.so\", 1]"), {"extensions.1: expected a string", "got 1"});
}

BOOST_AUTO_TEST_CASE(value_out_of_range_says_the_limits) {
    expect_fault(changed("training.epochs=0"), {"training.epochs: ", "at least 1", "got 0"});
    expect_fault(changed("optimizer.learning_rate=0"), {"optimizer.learning_rate: ", "more than 0", "got 0"});
    expect_fault(changed("optimizer.betas=[0.9, 1]"), {"optimizer.betas.1: ", "less than 1", "got 1"});
    expect_fault(changed("optimizer.betas=[0.9]"), {"optimizer.betas: ", "a list of 2 numbers", "got a list of 1"});
    expect_fault(changed("threads=-1"), {"threads: ", "at least 0", "got -1"});
    expect_fault(changed("seed=18446744073709551615"), {"seed: ", "at most 9007199254740991"});
    expect_fault(changed("seed=1e300"), {"seed: ", "got 1e+300"});
    expect_fault(changed("model=[]"), {"model: ", "at least 1 item", "got a list of 0"});
    expect_fault(changed("dataset.name="), {"dataset.name: ", "got \"\""});
}

BOOST_AUTO_TEST_CASE(unknown_choice_is_named_with_the_nearest_one) {
    expect_fault(changed("optimizer.type=adm"),
                 {"optimizer.type: expected one of \"sgd\", \"adam\", \"adamw\", got \"adm\"", "nearest is \"adam\""});
    expect_fault(changed("dataset.features=3"), {"dataset.features: expected one of \"sparse\", \"dense\", got 3"});
    expect_fault(changed("optimizer.weight_decay_layers=first"),
                 {"optimizer.weight_decay_layers: expected \"all\" or a list of integers, got \"first\""});
}

BOOST_AUTO_TEST_CASE(layers_are_checked_against_their_own_type) {
    json config = smallest();
    config["model"] = json::parse(R"([{"type": "dropout", "p": 0.5}, {"type": "gat", "out_features": 8, "heads": 0}])");
    expect_fault(config, {"file.json: model.1.heads: expected an integer of at least 1", "got 0"});
    config["model"][1] = json::parse(R"({"type": "gta", "out_features": 8})");
    expect_fault(config, {"model.1.type: expected one of ", "got \"gta\"", "nearest is \"gat\""});
    config["model"][1] = json::parse(R"({"type": "gatt", "heds": 3, "dropout": 7})");
    expect_fault(config, {"model.1.type: ", "nearest is \"gat\"", "model.1.heds: ", "nearest is \"heads\"",
                          "model.1.dropout: ", "less than 1", "model.1.out_features: ", "got nothing"});
    config["model"][1] = json::parse(R"({"type": "of_an_extension", "beta": 3})");
    try {
        completed(config);
        BOOST_ERROR("did not throw");
    } catch (const ConfigError& error) {
        BOOST_CHECK_MESSAGE(std::string(error.what()).find("beta") == std::string::npos, error.what());
    }
    config["model"][1] = json::parse(R"({"type": "gat", "p": 0.5})");
    expect_fault(config, {"model.1.p: ", "an unknown key", "model.1.out_features: ", "got nothing"});
    config["model"][1] = json::parse(R"({"type": "gat", "out_features": "all"})");
    expect_fault(config, {"model.1.out_features: ", "classes", "got \"all\""});
}

BOOST_AUTO_TEST_CASE(keys_without_a_default_have_to_be_given) {
    expect_fault(json::object(), {"file.json: dataset: ", "file.json: model: expected a list", "got nothing"});
    json config = smallest();
    config["dataset"] = json::object();
    expect_fault(config, {"dataset.name: expected a string", "got nothing"});
    config = smallest();
    config["model"][0].erase("type");
    expect_fault(config, {"model.0.type: expected one of ", "got nothing"});
}

BOOST_AUTO_TEST_CASE(all_faults_are_told_at_once_each_on_its_own_line) {
    json config = changed("training.epochs=0");
    config["optimiser"] = {{"type", "adam"}};
    config["seeds"] = 1;
    set_value(config, "model.0.out_features=-2");
    try {
        completed(config);
        BOOST_ERROR("did not throw");
    } catch (const ConfigError& error) {
        const std::string message = error.what();
        BOOST_CHECK_MESSAGE(std::count(message.begin(), message.end(), '\n') == 3, message);
        for (const char* path : {"model.0.out_features: ", "optimiser: ", "seeds: ", "training.epochs: "})
            BOOST_CHECK_MESSAGE(("\n" + message).find(std::string("\nfile.json: ") + path) != std::string::npos,
                                message);
    }
}

BOOST_AUTO_TEST_CASE(long_and_odd_values_do_not_flood_or_break_a_message) {
    json config = smallest();
    config["training"]["evaluate"] = std::string(10'000, 'x') + "\xff";
    try {
        completed(config);
        BOOST_ERROR("did not throw");
    } catch (const ConfigError& error) {
        BOOST_CHECK_LT(std::string(error.what()).size(), 400);
    }
}

BOOST_AUTO_TEST_CASE(set_reads_json_and_falls_back_to_a_string) {
    BOOST_CHECK_EQUAL(changed("training.epochs=30")["training"]["epochs"], 30);
    BOOST_CHECK_EQUAL(changed("dataset.name=pubmed")["dataset"]["name"], "pubmed");
    BOOST_CHECK_EQUAL(changed("dataset.name=\"30\"")["dataset"]["name"], "30");
    BOOST_CHECK_EQUAL(changed("dataset.name=a=b")["dataset"]["name"], "a=b");
    BOOST_CHECK_EQUAL(changed("model.0.out_features=4")["model"][0]["out_features"], 4);
    BOOST_CHECK(changed("optimizer.betas.1=0.5")["optimizer"]["betas"] == json({0.9, 0.5}));
    BOOST_CHECK(changed("training.early_stopping=null")["training"]["early_stopping"].is_null());
}

BOOST_AUTO_TEST_CASE(set_along_a_wrong_path_is_an_error) {
    const auto expect_bad_set = [](const std::string& assignment, std::initializer_list<std::string> parts) {
        expect_error<ConfigError>([&] { changed(assignment); }, parts);
    };
    expect_bad_set("training.epochs", {"--set training.epochs: expected KEY=VALUE, got no '='"});
    expect_bad_set("=3", {"--set =3", "no key"});
    expect_bad_set("model.1.heads=4", {"--set model.1.heads=4", "an entry below 1", "entry 1"});
    expect_bad_set("model.first.heads=4", {"the number of an entry", "'first'"});
    expect_bad_set("model.-1.heads=4", {"the number of an entry", "'-1'"});
    expect_bad_set("extensions.0=a.so", {"an entry of a list that has some, got an empty list"});
    expect_bad_set("dataset.name.x=4", {"an object or a list to hold 'x'", "got \"cora\""});
    std::string deep = "training";
    for (int i = 0; i < 40; ++i) deep += ".x";
    expect_bad_set(deep + "=1", {"at most 32 keys"});
    expect_bad_set("seed=" + std::string(40, '['), {"nesting at most 32 deep"});
    expect_fault(changed("training..epochs=4"), {"training.: ", "an unknown key"});
}

BOOST_AUTO_TEST_CASE(paths_are_seen_from_the_folder_of_the_config) {
    json config = json::parse(R"({"dataset": {"name": "../graphs/mine"}, "backend": "./fast.so",
                                  "extensions": ["a.so", "/b.so", 3]})");
    resolve_paths(config, "/home/me/configs");
    BOOST_CHECK(config == json::parse(R"({"dataset": {"name": "/home/me/graphs/mine"},
        "backend": "/home/me/configs/fast.so", "extensions": ["/home/me/configs/a.so", "/b.so", 3]})"));
    json names = json::parse(R"({"dataset": {"name": "cora"}, "backend": "reference"})");
    const json before = names;
    resolve_paths(names, "/home/me/configs");
    BOOST_CHECK(names == before);
}

BOOST_AUTO_TEST_SUITE_END()
