#include "tools/training/event_file.hpp"

#include <boost/test/unit_test.hpp>
#include <vector>

#include "tests/tools/training/read_events.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

BOOST_AUTO_TEST_SUITE(tools_event_file)

// The check value of CRC-32C is 0xE3069283 (RFC 3720, B.4, and the catalogue of CRCs); the mask as in
// tensorflow/core/lib/hash/crc32c.h, worked by hand: (crc >> 15 | crc << 17) + 0xa282ead8.
BOOST_AUTO_TEST_CASE(checksum_of_the_known_vector) {
    BOOST_TEST(crc32c_bit_by_bit("123456789") == 0xE3069283u);
    BOOST_TEST(masked_crc32c("123456789") == 0xC78AB0E5u);
    const std::string zeros(32, '\0');
    BOOST_TEST(crc32c_bit_by_bit(zeros) == 0x8A9136AAu);  // RFC 3720, B.4
    BOOST_TEST(masked_crc32c(zeros) == mask(0x8A9136AAu));
    BOOST_TEST(masked_crc32c("") == 0xa282ead8u);
}

BOOST_AUTO_TEST_CASE(the_first_record_holds_the_version) {
    const std::vector<Event> events = read_events(version_record(1700000000.25));
    BOOST_REQUIRE(events.size() == 1u);
    BOOST_TEST(events[0].file_version == "brain.Event:2");
    BOOST_TEST(events[0].wall_time == 1700000000.25);
    BOOST_TEST(events[0].step == 0);
}

BOOST_AUTO_TEST_CASE(scalars_keep_their_tag_step_time_and_value) {
    for (const std::int64_t step : {0L, 1L, 127L, 128L, 300L, 16384L, 5000000000L}) {
        const std::vector<Scalar> scalars{{"loss/train", 1.9459101}, {"accuracy/validation", 0.1}};
        const std::vector<Event> events = read_events(scalars_record(1.5, step, scalars));
        BOOST_REQUIRE(events.size() == 1u);
        BOOST_TEST(events[0].step == step);
        BOOST_TEST(events[0].wall_time == 1.5);
        const std::map<std::string, float> expected{{"loss/train", 1.9459101f}, {"accuracy/validation", 0.1f}};
        BOOST_TEST((events[0].scalars == expected));
    }
}

BOOST_AUTO_TEST_CASE(bytes_of_a_record_worked_by_hand) {
    // Event{wall_time: 1.0, step: 2, summary{value{tag: "a", simple_value: 0.5}}}.
    const std::vector<Scalar> scalar{{"a", 0.5}};
    const std::string record = scalars_record(1.0, 2, scalar);
    const std::string payload(
        "\x09\0\0\0\0\0\0\xf0\x3f"  // 1: f64 1.0
        "\x10\x02"                  // 2: 2
        "\x2a\x0a"                  // 5: 10 bytes
        "\x0a\x08"                  // 1: 8 bytes
        "\x0a\x01\x61"              // 1: "a"
        "\x15\0\0\0\x3f",           // 2: f32 0.5
        23);
    BOOST_TEST(record.substr(0, 8) == std::string("\x17\0\0\0\0\0\0\0", 8));
    BOOST_TEST(record.substr(12, 23) == payload);
    BOOST_TEST(record.size() == 8u + 4u + 23u + 4u);
}

BOOST_AUTO_TEST_SUITE_END()
