#include "autograd/printable.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

#include "autograd/errors.hpp"

using namespace tapegrad;

BOOST_AUTO_TEST_SUITE(autograd_printable)

BOOST_AUTO_TEST_CASE(control_characters_are_not_printed) {
    BOOST_CHECK_EQUAL(printable("a\x1b[31mb\x7f\n"), "a [31mb  ");
    BOOST_CHECK_EQUAL(printable("\xc2\x9b"
                                "31m \xc2\xa7 \xc3\xa9"),
                      " 31m \xc2\xa7 \xc3\xa9");
    BOOST_CHECK_EQUAL(printable("a\xc2\x9b"), "a ");
    BOOST_CHECK_EQUAL(printable("a\xc2"), "a\xc2");
    BOOST_CHECK_EQUAL(printable_lines("a\x1b\nb\r"), "a \nb ");
}

BOOST_AUTO_TEST_CASE(a_message_cannot_steer_a_terminal_whatever_a_file_says) {
    const DataError error("tensor '\x1b[2Ja'", "a",
                          "\xc2\x9b"
                          "31m",
                          "b");
    BOOST_CHECK_EQUAL(error.what(), "tensor ' [2Ja': expected a, got  31m. b.");
}

BOOST_AUTO_TEST_SUITE_END()
