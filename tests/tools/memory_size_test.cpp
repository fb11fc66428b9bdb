#include "tools/common/memory_size.hpp"

#include <boost/test/unit_test.hpp>

#include "autograd/errors.hpp"
#include "tests/datasets/expect_error.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

BOOST_AUTO_TEST_SUITE(tools_memory_size)

BOOST_AUTO_TEST_CASE(a_number_and_a_unit_are_bytes) {
    const auto bytes = [](const char* text) { return parse_memory_size(text, "--memory"); };
    BOOST_TEST(bytes("1B") == 1U);
    BOOST_TEST(bytes("2kB") == 2000U);
    BOOST_TEST(bytes("500 MB") == 500'000'000U);
    BOOST_TEST(bytes("2GiB") == std::uint64_t{1} << 31);
    BOOST_TEST(bytes("1.5gib") == std::uint64_t{3} << 29);
    BOOST_TEST(bytes("0.5KIB") == 512U);
    BOOST_TEST(bytes("3TB") == 3'000'000'000'000U);
    BOOST_TEST(bytes("10.4MiB") == 10'905'190U, "10,905,190.4");
    BOOST_TEST(bytes("1000000000GB") == 1'000'000'000'000'000'000U);
}

BOOST_AUTO_TEST_CASE(anything_else_is_refused_with_what_it_was) {
    for (const std::string text : {"", "lots", "5", "GiB", "-1GiB", "0B", "0.5B", "2GiBB", "2 G iB", "1e9B", "nanB",
                                   "infGB", "0x1MB", "1,5GB", "99999999999TiB", "1GB 2GB", "\t1GB", "1000000000.1GB"})
        expect_error<ConfigError>([&] { parse_memory_size(text, "--memory"); },
                                  {"--memory", "such as 2GiB", "'" + (text[0] == '\t' ? std::string() : text)});
}

BOOST_AUTO_TEST_SUITE_END()
