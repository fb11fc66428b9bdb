#include "tools/training/named_nodes.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "autograd/errors.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/tools/reports/report_fixture.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

BOOST_AUTO_TEST_SUITE(tools_named_nodes)

BOOST_AUTO_TEST_CASE(a_node_is_found_by_name_or_number) {
    Dataset dataset = ring_of_six();
    BOOST_TEST(find_node(dataset, "n4") == 4);
    BOOST_TEST(find_node(dataset, "#4") == 4);
    dataset.node_names[2] = "#4";  // a name goes before a number
    BOOST_TEST(find_node(dataset, "#4") == 2);
    expect_error<ConfigError>([&] { find_node(dataset, "n44"); },
                              {"--node n44", "#0 to #5", "an unknown name", "'n4'"});
    expect_error<ConfigError>([&] { find_node(dataset, "#6"); }, {"--node #6", "a number beyond"});
    for (const char* wrong : {"", "#", "#-1", "#1x", "#99999999999"})
        expect_error<ConfigError>([&] { find_node(dataset, wrong); }, {"--node", "The nearest names are"});
}

BOOST_AUTO_TEST_CASE(nodes_are_named_by_split_or_id) {
    Dataset dataset = ring_of_six();
    dataset.name = "letters";
    dataset.node_names = {"b", "a", "x,y", "test\"1", "val", "#0"};
    dataset.train = {0};
    dataset.validation = {};
    dataset.test = {1};
    const auto check = [&](const std::vector<std::string>& names, const std::vector<std::int32_t>& expected) {
        BOOST_TEST(named_nodes(dataset, names) == expected, boost::test_tools::per_element());
    };
    check({"all"}, {0, 1, 2, 3, 4, 5});
    check({"test"}, {1});
    check({"a,b"}, {1, 0});
    check({"a", "train,a"}, {1, 0});
    check({"x,y"}, {2});  // an id with a comma
    check({"#3,#0"}, {3, 5});
    check({"test\"1,all"}, {3, 0, 1, 2, 4, 5});
    expect_error<ConfigError>([&] { named_nodes(dataset, {"x,z"}); }, {"--nodes", "'x'", "nearest id is"});
    // A split goes before a node of its name, which has its number.
    expect_error<ConfigError>([&] { named_nodes(dataset, {"val"}); }, {"--nodes val", "none in letters"});
    check({"#4"}, {4});
    expect_error<ConfigError>([&] { named_nodes(dataset, {"#6"}); }, {"'#6'", "#0 to #5"});
    expect_error<ConfigError>([&] { named_nodes(dataset, {""}); }, {"--nodes", "''"});
}

BOOST_AUTO_TEST_CASE(names_in_messages_cannot_steer_a_terminal) {
    Dataset dataset = ring_of_six();
    dataset.node_names[3] = "\x1b[31mred";
    const auto is_plain = [](const ConfigError& error) {
        return std::string(error.what()).find('\x1b') == std::string::npos;
    };
    BOOST_CHECK_EXCEPTION(find_node(dataset, "\x1b[31mret"), ConfigError, is_plain);
    BOOST_CHECK_EXCEPTION(named_nodes(dataset, {"\x1b[31mret"}), ConfigError, is_plain);
}

BOOST_AUTO_TEST_SUITE_END()
