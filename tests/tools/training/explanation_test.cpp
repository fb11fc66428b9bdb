#include "tools/training/explanation.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

using namespace tapegrad;

namespace {

const Explanation example{
    .backend = "backend example with 2 threads: an abacus",
    .steps = 4,
    .step_seconds = 0.1,
    .ops = {{"matmul", 8, 0, 0.06, 0.06, 4'000'000, 8'000'000}, {"sigmoid", 0, 4, 0.03, 0.02, 16, 32}},
    .parts = {{"load data", 0.25}, {"train", 0.5}}};

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_explanation)

BOOST_AUTO_TEST_CASE(text_tells_ops_by_step_and_parts_of_the_run) {
    const std::string text = to_text(example);
    BOOST_TEST(text.starts_with("backend example with 2 threads: an abacus\n"));
    const auto line = [&](const std::string& name) {
        const std::size_t begin = text.find("\n" + name + " ");
        BOOST_TEST_REQUIRE(begin != std::string::npos, name << " is not in\n" << text);
        std::string words;
        for (const char c : text.substr(begin + 1, text.find('\n', begin + 1) - begin - 1))
            if (c != ' ' || words.back() != ' ') words += c;
        return words;
    };
    // 2 calls, 60 ms / 4, 60 of 100 ms, 1 and 2 MB
    BOOST_TEST(line("matmul") == "matmul native 2.0 15.0000 60.0% 15.0000 1.000 2.000");
    BOOST_TEST(line("sigmoid").starts_with("sigmoid composed 1.0 5.0000 20.0% 7.5000 "));
    BOOST_TEST(line("outside ops") == "outside ops 5.0000 20.0%");
    BOOST_TEST(line("training step") == "training step 4 25.0000");
    BOOST_TEST(line("load data") == "load data 0.2500 s");
    BOOST_TEST(line("all parts") == "all parts 0.7500 s");
}

BOOST_AUTO_TEST_CASE(text_of_a_run_without_steps_has_no_shares) {
    Explanation none = example;
    none.steps = 0, none.step_seconds = 0, none.ops.clear();
    const std::string text = to_text(none);
    BOOST_TEST(text.find("nan") == std::string::npos);
    BOOST_TEST(text.find("inf") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(json_has_the_sums_over_all_steps) {
    const nlohmann::json json = to_json(example);
    BOOST_TEST(json.at("backend") == example.backend);
    BOOST_TEST(json.at("steps") == 4);
    BOOST_TEST(json.at("ops").size() == 2U);
    BOOST_TEST(json.at("ops")[1].at("op") == "sigmoid");
    BOOST_TEST(json.at("ops")[1].at("composed") == 4);
    BOOST_TEST(json.at("ops")[1].at("seconds") == 0.03);
    BOOST_TEST(json.at("ops")[1].at("self_seconds") == 0.02);
    BOOST_TEST(json.at("ops")[0].at("bytes_written") == 8'000'000);
    BOOST_TEST(json.at("parts")[1].at("part") == "train");
    BOOST_TEST(json.at("parts")[1].at("seconds") == 0.5);
}

BOOST_AUTO_TEST_CASE(parts_follow_each_other) {
    PartTimes times(0.125);
    BOOST_TEST(times.seconds()[0].seconds == 0.125);
    times.begin("first");
    times.begin("second");
    times.end();
    const double second = times.seconds()[2].seconds;
    times.end();
    BOOST_TEST_REQUIRE(times.seconds().size() == 3U);
    BOOST_TEST(times.seconds()[1].part == "first");
    BOOST_TEST(times.seconds()[1].seconds >= 0);
    BOOST_TEST(times.seconds()[2].seconds == second, "a part ends once");
}

BOOST_AUTO_TEST_SUITE_END()
