#include "tools/configs/sweep.hpp"

#include <boost/test/unit_test.hpp>

#include "autograd/errors.hpp"
#include "tests/datasets/expect_error.hpp"

using namespace tapegrad;
using nlohmann::json;
using tapegrad::testing::expect_error;

namespace {

const json config = json::parse(R"({"dataset": {"name": "cora"},
    "model": [{"type": "gat", "out_features": 8}, {"type": "gat", "out_features": "classes"}]})");

void expect_axis(const std::string& text, const std::string& key, const std::vector<json>& values) {
    const GridAxis axis = parse_grid_axis(config, text);
    BOOST_CHECK_EQUAL(axis.key, key);
    BOOST_CHECK_MESSAGE(axis.values == values, text << " gives " << json(axis.values));
}

void expect_bad_axis(const std::string& text, std::initializer_list<std::string> parts) {
    expect_error<ConfigError>([&] { parse_grid_axis(config, text); }, parts);
}

void expect_bad_seeds(const std::string& text, std::initializer_list<std::string> parts) {
    expect_error<ConfigError>([&] { parse_seeds(text); }, parts);
}

using Seeds = std::vector<std::int64_t>;

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_configs_sweep)

BOOST_AUTO_TEST_CASE(axis_has_a_key_and_its_values) {
    expect_axis("lr=0.005,0.01", "optimizer.learning_rate", {0.005, 0.01});
    expect_axis("model.0.heads=1,2,4", "model.0.heads", {1, 2, 4});
    expect_axis("optimizer.type=sgd,adam", "optimizer.type", {"sgd", "adam"});
    expect_axis("self_loops=true,false", "dataset.self_loops", {true, false});
    expect_axis("early_stopping=null,{\"patience\": 5, \"rule\": \"loss_above_mean\"}", "training.early_stopping",
                {nullptr, {{"patience", 5}, {"rule", "loss_above_mean"}}});
    expect_axis("seed=7", "seed", {7});
}

BOOST_AUTO_TEST_CASE(commas_inside_brackets_and_quotes_belong_to_a_value) {
    expect_axis("betas=[0.9,0.999],[0.8,0.99]", "optimizer.betas", {{0.9, 0.999}, {0.8, 0.99}});
    expect_axis(R"(name="a,b","c\",d",e)", "dataset.name", {"a,b", "c\",d", "e"});
    expect_axis(R"(name="[",x)", "dataset.name", {"[", "x"});
    expect_axis("name=a=b,c", "dataset.name", {"a=b", "c"});
}

BOOST_AUTO_TEST_CASE(axis_that_cannot_be_meant_is_an_error) {
    expect_bad_axis("lr", {"--grid lr: expected KEY=V1,V2,...", "no '='"});
    expect_bad_axis("=1", {"no key"});
    expect_bad_axis("lr=", {"a value before and after each comma", "nothing"});
    expect_bad_axis("lr=1,,2", {"a value before and after each comma"});
    expect_bad_axis("lr=1,", {"a value before and after each comma"});
    expect_bad_axis("lr=0.1,0.2,0.10", {"each value once", "0.10 twice"});
    expect_bad_axis("heads=1,2", {"fits 2: model.0.heads, model.1.heads"});
    expect_bad_axis("lrr=1", {"an unknown key", "nearest is \"lr\""});
}

BOOST_AUTO_TEST_CASE(seeds_are_numbers_and_ranges) {
    BOOST_CHECK(parse_seeds("3") == Seeds({3}));
    BOOST_CHECK(parse_seeds("1,5,7") == Seeds({1, 5, 7}));
    BOOST_CHECK(parse_seeds("0..4,10..12") == Seeds({0, 1, 2, 3, 4, 10, 11, 12}));
    BOOST_CHECK(parse_seeds("9,2..3") == Seeds({9, 2, 3}));
    BOOST_CHECK(parse_seeds("4..4") == Seeds({4}));
    const Seeds hundred = parse_seeds("0..99");
    BOOST_CHECK(hundred.size() == 100 && hundred.front() == 0 && hundred.back() == 99);
    BOOST_CHECK_EQUAL(parse_seeds("1..100000").size(), 100'000);
    BOOST_CHECK(parse_seeds("9007199254740991") == Seeds({9007199254740991}));
}

BOOST_AUTO_TEST_CASE(seeds_that_cannot_be_meant_are_errors) {
    expect_bad_seeds("5..3", {"seeds 5..3: expected a range that goes up, got 5..3"});
    expect_bad_seeds("1,2,1", {"each seed once", "1 twice"});
    expect_bad_seeds("0..4,3..6", {"each seed once", "3 twice"});
    expect_bad_seeds("-1", {"seeds from 0 to 9007199254740991", "got -1"});
    expect_bad_seeds("-1..3", {"seeds from 0 to"});
    expect_bad_seeds("9007199254740992", {"seeds from 0 to"});
    expect_bad_seeds("99999999999999999999", {"seeds from 0 to"});
    for (const char* junk : {"", ",", "1,", ",1", "a", "1.5", "1..", "..3", "1...3", "1..2..3", "1 ,2", "0x3", "+1"})
        expect_bad_seeds(junk, {"expected a seed or a range FIRST..LAST", "such as 0..99 or 1,5,10..12"});
    expect_bad_seeds("0..100000", {"at most 100000 seeds", "got more"});
    expect_bad_seeds("0..99999,200000", {"at most 100000 seeds"});
    expect_bad_seeds("0..9007199254740991", {"at most 100000 seeds"});
}

BOOST_AUTO_TEST_SUITE_END()
