#include "tools/common/foreign_json.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <string>

using namespace tapegrad;
using nlohmann::json;

BOOST_AUTO_TEST_SUITE(tools_foreign_json)

BOOST_AUTO_TEST_CASE(what_is_nested_deeper_than_a_stack_is_refused) {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    BOOST_CHECK(parse_foreign_json(nested(64)).is_array());
    BOOST_CHECK_THROW(parse_foreign_json(nested(66)), ForeignJsonError);
    BOOST_CHECK_THROW(parse_foreign_json(nested(1'000'000)), ForeignJsonError);
    BOOST_CHECK_THROW(parse_foreign_json("["), json::parse_error);
}

BOOST_AUTO_TEST_CASE(a_number_that_the_type_does_not_hold_is_refused) {
    const json numbers =
        json::parse(R"({"zero": 0, "largest": 2147483647, "beyond": 2147483648, "below": -1, "half": 0.5,
        "huge": 1e300, "unsigned": 18446744073709551615, "text": "1", "truth": true})");
    BOOST_CHECK_EQUAL(whole_number<int>(numbers, "zero"), 0);
    BOOST_CHECK_EQUAL(whole_number<int>(numbers, "largest"), 2147483647);
    BOOST_CHECK_EQUAL(whole_number<int>(numbers, "below", -1), -1);
    BOOST_CHECK_EQUAL(whole_number<std::int64_t>(numbers, "beyond"), 2147483648);
    for (const char* key : {"beyond", "below", "half", "huge", "unsigned", "text", "truth"})
        BOOST_CHECK_THROW(whole_number<int>(numbers, key), ForeignJsonError);
    BOOST_CHECK_THROW(whole_number<std::int64_t>(numbers, "unsigned"), ForeignJsonError);
    BOOST_CHECK_THROW(whole_number<int>(numbers, "absent"), json::out_of_range);
}

BOOST_AUTO_TEST_SUITE_END()
