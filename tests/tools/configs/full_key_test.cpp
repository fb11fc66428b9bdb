#include "tools/configs/full_key.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "autograd/errors.hpp"
#include "tests/datasets/expect_error.hpp"

using namespace tapegrad;
using nlohmann::json;
using tapegrad::testing::expect_error;

namespace {

// As a user writes it: without defaults.
const json config = json::parse(R"({
    "dataset": {"name": "cora"},
    "model": [{"type": "gat", "out_features": 8}, {"type": "elu"}, {"type": "gat", "out_features": "classes"}]
})");

void expect_no_key(const json& in, const std::string& key, std::initializer_list<std::string> parts) {
    expect_error<ConfigError>([&] { full_key(in, key); }, parts);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_configs_full_key)

BOOST_AUTO_TEST_CASE(full_path_stays) {
    for (const char* path : {"optimizer.learning_rate", "model.0.heads", "model", "model.2", "seed", "training",
                             "optimizer.betas.1", "training.early_stopping.patience"})
        BOOST_CHECK_EQUAL(full_key(config, path), path);
}

BOOST_AUTO_TEST_CASE(last_part_that_fits_one_place_is_enough) {
    BOOST_CHECK_EQUAL(full_key(config, "learning_rate"), "optimizer.learning_rate");
    BOOST_CHECK_EQUAL(full_key(config, "epochs"), "training.epochs");
    BOOST_CHECK_EQUAL(full_key(config, "name"), "dataset.name");
    BOOST_CHECK_EQUAL(full_key(config, "alpha"), "model.1.alpha");
    BOOST_CHECK_EQUAL(full_key(config, "features"), "dataset.features");  // and not out_features
    BOOST_CHECK_EQUAL(full_key(config, "2.heads"), "model.2.heads");
    BOOST_CHECK_EQUAL(full_key(config, "early_stopping.patience"), "training.early_stopping.patience");
}

BOOST_AUTO_TEST_CASE(keys_of_an_object_that_is_null_or_absent_are_known) {
    BOOST_CHECK_EQUAL(full_key(config, "patience"), "training.early_stopping.patience");
    json stopped = config;
    stopped["training"]["early_stopping"] = nullptr;
    BOOST_CHECK_EQUAL(full_key(stopped, "rule"), "training.early_stopping.rule");
}

BOOST_AUTO_TEST_CASE(alias_stands_for_its_key) {
    BOOST_CHECK_EQUAL(full_key(config, "lr"), "optimizer.learning_rate");
    BOOST_CHECK_EQUAL(full_key(config, "optimizer.lr"), "optimizer.learning_rate");
}

BOOST_AUTO_TEST_CASE(key_that_fits_several_places_is_an_error_with_all_of_them) {
    expect_no_key(config, "dropout", {"key dropout: ", "fits 2: model.0.dropout, model.2.dropout"});
    expect_no_key(config, "type", {"fits 4", "model.0.type", "model.1.type", "model.2.type", "optimizer.type"});
    json one = config;
    one["model"].erase(2);
    BOOST_CHECK_EQUAL(full_key(one, "dropout"), "model.0.dropout");
}

BOOST_AUTO_TEST_CASE(unknown_key_is_an_error_with_the_nearest) {
    expect_no_key(config, "learnin_rate", {"key learnin_rate: ", "an unknown key", "nearest is \"learning_rate\""});
    expect_no_key(config, "trainng.epochs", {"nearest is \"training.epochs\""});
    expect_no_key(config, "", {"an unknown key"});
}

BOOST_AUTO_TEST_CASE(keys_are_those_of_the_chosen_types) {
    expect_no_key(config, "momentum", {"key of type \"sgd\" in optimizer"});
    json sgd = config;
    sgd["optimizer"]["type"] = "sgd";
    BOOST_CHECK_EQUAL(full_key(sgd, "momentum"), "optimizer.momentum");
    expect_no_key(sgd, "epsilon", {"key of type \"adam"});
    expect_no_key(config, "p", {"key of type \"dropout\" in model"});
}

BOOST_AUTO_TEST_CASE(of_a_type_that_is_not_known_there_are_the_keys_that_are_given) {
    json extended = config;
    extended["model"][1] = {{"type", "of_an_extension"}, {"beta", 2}};
    BOOST_CHECK_EQUAL(full_key(extended, "beta"), "model.1.beta");
    BOOST_CHECK_EQUAL(full_key(extended, "model.1.gamma"), "model.1.gamma");
}

BOOST_AUTO_TEST_CASE(config_may_be_wrong_anywhere) {
    for (const char* text : {"{}", R"({"model": 3, "optimizer": "sgd", "training": null})",
                             R"({"model": [1, {"type": 3}, {}, null, [{"type": "gat"}]], "dataset": []})"})
        BOOST_CHECK_EQUAL(full_key(json::parse(text), "epochs"), "training.epochs");
    BOOST_CHECK_EQUAL(full_key(json::parse(R"({"optimizer": {"type": "addam"}})"), "lr"), "optimizer.learning_rate");
}

BOOST_AUTO_TEST_CASE(short_keys_are_ends_that_full_keys_do_not_share) {
    using Keys = std::vector<std::string>;
    BOOST_CHECK((short_keys(Keys{"optimizer.learning_rate", "seed"}) == Keys{"learning_rate", "seed"}));
    BOOST_CHECK((short_keys(Keys{"model.0.heads", "model.2.heads"}) == Keys{"0.heads", "2.heads"}));
    BOOST_CHECK((short_keys(Keys{"optimizer.betas.0", "model.1"}) == Keys{"betas.0", "model.1"}));
    BOOST_CHECK((short_keys(Keys{"a.type", "type"}) == Keys{"a.type", "type"}));
    BOOST_CHECK((short_keys(Keys{"model.2.out_features", "dataset.features"}) == Keys{"out_features", "features"}));
}

BOOST_AUTO_TEST_SUITE_END()
