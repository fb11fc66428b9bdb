#include "tools/reports/packed_array.hpp"

#include <boost/test/unit_test.hpp>

using namespace tapegrad;
using nlohmann::json;

BOOST_AUTO_TEST_SUITE(tools_packed_array)

BOOST_AUTO_TEST_CASE(base64_is_that_of_the_rfc) {
    // RFC 4648, section 10.
    BOOST_TEST(base64("") == "");
    BOOST_TEST(base64("f") == "Zg==");
    BOOST_TEST(base64("fo") == "Zm8=");
    BOOST_TEST(base64("foo") == "Zm9v");
    BOOST_TEST(base64("foob") == "Zm9vYg==");
    BOOST_TEST(base64("fooba") == "Zm9vYmE=");
    BOOST_TEST(base64("foobar") == "Zm9vYmFy");
    BOOST_TEST(base64("\xff\xef\xbe") == "/+++");  // both digits that are no letters, and bytes above 127
}

BOOST_AUTO_TEST_CASE(numbers_are_little_endian) {
    // 1.0 is 0x3f800000, -1 is 0xffffffff.
    BOOST_CHECK(packed(std::vector<float>{1}, {1}) == json({{"type", "f32"}, {"shape", {1}}, {"data", "AACAPw=="}}));
    BOOST_CHECK(packed(std::vector<std::int32_t>{1, -1}, {2}) ==
                json({{"type", "i32"}, {"shape", {2}}, {"data", "AQAAAP////8="}}));
    BOOST_CHECK(packed(std::vector<std::uint8_t>{0, 1, 255}, {3, 1}) ==
                json({{"type", "u8"}, {"shape", {3, 1}}, {"data", "AAH/"}}));
    BOOST_CHECK(packed(std::vector<float>{}, {0, 2}) == json({{"type", "f32"}, {"shape", {0, 2}}, {"data", ""}}));
}

BOOST_AUTO_TEST_CASE(fractions_are_rounded_to_65535_steps) {
    // 0, 0x8000, 0xffff; then what lies outside by rounding: 0xffff and 0.
    BOOST_CHECK(packed_fractions(std::vector<float>{0, 0.5f, 1, 1.000001f, -1e-9f}, {5}) ==
                json({{"type", "u16"}, {"shape", {5}}, {"data", "AAAAgP////8AAA=="}, {"fraction", true}}));
}

BOOST_AUTO_TEST_CASE(small_integers_take_a_byte_each) {
    BOOST_CHECK(packed_small(std::vector<std::int32_t>{-1, 0, 127}, {3}) ==
                json({{"type", "i8"}, {"shape", {3}}, {"data", "/wB/"}}));
    BOOST_TEST(packed_small(std::vector<std::int32_t>{-1, 128}, {2})["type"] == "i32");
    BOOST_TEST(packed_small(std::vector<std::int32_t>{-129}, {1})["type"] == "i32");
}

BOOST_AUTO_TEST_SUITE_END()
