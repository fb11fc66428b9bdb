#include "tools/configs/differences.hpp"

#include <boost/test/unit_test.hpp>

using namespace tapegrad;
using nlohmann::json;

namespace {

std::vector<ConfigDifference> differences_of(const char* first, const char* second) {
    return differences(json::parse(first), json::parse(second));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_configs_differences)

BOOST_AUTO_TEST_CASE(equal_configs_do_not_differ) {
    BOOST_CHECK(differences_of(R"({"a": {"b": [1, 2]}})", R"({"a": {"b": [1, 2.0]}})").empty());
}

BOOST_AUTO_TEST_CASE(every_difference_has_its_path_and_both_values) {
    const auto found = differences_of(
        R"({"model": [{"heads": 8}, {"type": "elu"}], "seed": 1, "training": {"epochs": 3, "stop": null}})",
        R"({"model": [{"heads": 4}, {"type": "elu"}], "seed": 1, "training": {"epochs": 5, "stop": {}}})");
    const std::vector<ConfigDifference> expected{
        {"model.0.heads", 8, 4}, {"training.epochs", 3, 5}, {"training.stop", nullptr, json::object()}};
    BOOST_CHECK(found == expected);
}

BOOST_AUTO_TEST_CASE(keys_and_entries_of_one_config_alone_are_absent_in_the_other) {
    const auto found = differences_of(R"({"a": 1, "list": [1, 2, 3]})", R"({"b": {"c": 2}, "list": [1]})");
    const std::vector<ConfigDifference> expected{
        {"a", 1, {}}, {"b", {}, json{{"c", 2}}}, {"list.1", 2, {}}, {"list.2", 3, {}}};
    BOOST_CHECK(found == expected);
    BOOST_CHECK_MESSAGE(differences_of("{}", R"({"a": null})").size() == 1, "null is not the same as absent");
}

BOOST_AUTO_TEST_CASE(values_of_other_types_differ_as_a_whole) {
    const std::vector<ConfigDifference> inside{{"a", json::array({1}), json{{"0", 1}}}};
    BOOST_CHECK(differences_of(R"({"a": [1]})", R"({"a": {"0": 1}})") == inside);
    const std::vector<ConfigDifference> outside{{"", json(1), json::object()}};
    BOOST_CHECK(differences_of("1", "{}") == outside);
}

BOOST_AUTO_TEST_CASE(text_is_a_table_with_a_line_each) {
    const auto found = differences_of(R"({"lr": 0.005, "name": "cora"})", R"({"lr": 0.01})");
    BOOST_CHECK_EQUAL(to_text(found, "one", "two"),
                      "key      one       two\n"
                      "lr     0.005      0.01\n"
                      "name  \"cora\"  (absent)\n");
    const std::vector<ConfigDifference> long_one{{"text", std::string(10'000, 'x'), "\xff"}};
    BOOST_CHECK_LT(to_text(long_one, "one", "two").size(), 300);
}

BOOST_AUTO_TEST_SUITE_END()
