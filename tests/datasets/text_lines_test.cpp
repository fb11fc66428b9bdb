#include "datasets/text_lines.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>

#include "tests/datasets/expect_error.hpp"

using namespace tapegrad;
using tapegrad::testing::expect_error;
using Parts = std::vector<std::string_view>;

BOOST_AUTO_TEST_SUITE(datasets_text_lines)

BOOST_AUTO_TEST_CASE(lines_end_with_lf_or_crlf_or_the_text_and_empty_ones_are_counted_but_skipped) {
    LineReader lines("f", "one\r\n\n\r\ntwo\nthree");
    BOOST_REQUIRE(lines.next());
    BOOST_CHECK_EQUAL(lines.line(), "one");
    BOOST_CHECK_EQUAL(lines.where(), "f:1");
    BOOST_REQUIRE(lines.next());
    BOOST_CHECK_EQUAL(lines.line(), "two");
    BOOST_CHECK_EQUAL(lines.where(), "f:4");
    BOOST_REQUIRE(lines.next());
    BOOST_CHECK_EQUAL(lines.line(), "three");
    BOOST_CHECK_EQUAL(lines.where(), "f:5");
    BOOST_CHECK(!lines.next());
    BOOST_CHECK(!LineReader("f", "").next());
    BOOST_CHECK(!LineReader("f", "\n\r\n").next());
}

BOOST_AUTO_TEST_CASE(a_byte_order_mark_is_no_part_of_the_first_line) {
    LineReader lines("f", "\xef\xbb\xbfone\n\xef\xbb\xbftwo");
    BOOST_REQUIRE(lines.next());
    BOOST_CHECK_EQUAL(lines.line(), "one");
    BOOST_REQUIRE(lines.next());
    BOOST_CHECK_EQUAL(lines.line(), "\xef\xbb\xbftwo");
    BOOST_CHECK(!LineReader("f", "\xef\xbb\xbf").next());
}

BOOST_AUTO_TEST_CASE(split_keeps_empty_parts_unless_separators_merge) {
    BOOST_CHECK((split("a\t\tb\t", "\t") == Parts{"a", "", "b", ""}));
    BOOST_CHECK((split(" a \t b ", "\t ", true) == Parts{"a", "b"}));
    BOOST_CHECK((split("", "\t") == Parts{""}));
    BOOST_CHECK(split("", " ", true).empty());
}

BOOST_AUTO_TEST_CASE(numbers_are_read_whole_or_refused_with_the_line) {
    LineReader lines("f", "x");
    lines.next();
    BOOST_CHECK_EQUAL(parse_number<std::int32_t>("-17", "a number", lines), -17);
    BOOST_CHECK_EQUAL(parse_number<float>("2.5e-1", "a number", lines), 0.25F);
    BOOST_CHECK(std::isnan(parse_number<float>("nan", "a number", lines)));
    for (const char* const text : {"", " 1", "1 ", "+1", "1x", "one", "2147483648", "1.5", "0x1"})
        expect_error<DataError>([&] { parse_number<std::int32_t>(text, "a number", lines); }, {"f:1", "a number"});
    expect_error<DataError>([&] { parse_number<float>("1e99", "a value", lines); }, {"a value", "'1e99'"});
}

BOOST_AUTO_TEST_CASE(quotes_are_short_and_printable) {
    BOOST_CHECK_EQUAL(quote("a\tb\n"), "'a b '");
    BOOST_CHECK_EQUAL(quote(std::string(1000, 'x')), "'" + std::string(80, 'x') + "...'");
}

BOOST_AUTO_TEST_SUITE_END()
