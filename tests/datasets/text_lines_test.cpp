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
    BOOST_CHECK(!LineReader("f", "\xef\xbb\xbf\xef\xbb\xbf").next());
}

BOOST_AUTO_TEST_CASE(a_carriage_return_amid_a_line_is_refused) {
    LineReader lines("f", "one\r\ntwo\rthree\n");
    BOOST_REQUIRE(lines.next());
    expect_error<DataError>([&] { lines.next(); }, {"f:2", "LF or CRLF", "tr '\\r' '\\n'"});
    expect_error<DataError>([] { LineReader("f", "one\r\r\n").next(); }, {"f:1", "a CR amid a line"});
}

BOOST_AUTO_TEST_CASE(lines_that_are_not_utf8_are_refused_with_their_number) {
    LineReader lines("f", "caf\xc3\xa9\ncaf\xe9\n");
    BOOST_REQUIRE(lines.next());
    expect_error<DataError>([&] { lines.next(); }, {"f:2", "UTF-8", "iconv"});
}

BOOST_AUTO_TEST_CASE(utf8_is_what_rfc_3629_says) {
    for (const char* const text : {"", "plain", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                                   "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
                                   "a\xe2\x82\xac"
                                   "b"})
        BOOST_TEST(is_utf8(text), text);
    // A byte that only goes on, ends that are missing, forms too long, surrogates, too large, bytes that never occur.
    for (const char* const text : {"\x80", "\xc3", "\xe2\x82", "\xf0\x9f\x98", "\xc3(", "\xe2\x82(", "\xc0\xaf",
                                   "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
                                   "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xfe", "\xff"})
        BOOST_TEST(!is_utf8(text), quote(text));
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
