#include "datasets/checksums.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/temporary_folder.hpp"

using namespace tapegrad;
using tapegrad::testing::expect_error;
using tapegrad::testing::TemporaryFolder;

BOOST_AUTO_TEST_SUITE(datasets_checksums)

BOOST_AUTO_TEST_CASE(sha256_gives_the_examples_of_the_standard) {
    // NIST, "Examples with Intermediate Values" for FIPS 180, and the example of a million letters.
    BOOST_CHECK_EQUAL(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    BOOST_CHECK_EQUAL(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    BOOST_CHECK_EQUAL(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
                      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    BOOST_CHECK_EQUAL(sha256(std::string(1'000'000, 'a')),
                      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

BOOST_AUTO_TEST_CASE(sha256_pads_every_length_around_a_block) {
    // From Python's hashlib.
    BOOST_CHECK_EQUAL(sha256(std::string(55, 'a')), "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
    BOOST_CHECK_EQUAL(sha256(std::string(56, 'a')), "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
    BOOST_CHECK_EQUAL(sha256(std::string(63, 'a')), "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34");
    BOOST_CHECK_EQUAL(sha256(std::string(64, 'a')), "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
    BOOST_CHECK_EQUAL(sha256(std::string(120, 'a')),
                      "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c");
    std::string all_bytes;
    for (int byte = 0; byte < 256; ++byte) all_bytes += static_cast<char>(byte);
    BOOST_CHECK_EQUAL(sha256(all_bytes), "40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880");
}

BOOST_AUTO_TEST_CASE(lines_are_those_of_the_sha256sum_command) {
    BOOST_CHECK_EQUAL(checksum_lines({{"a b", "abc"}, {"c", ""}}),
                      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a b\n"
                      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  c\n");
}

BOOST_AUTO_TEST_CASE(contents_are_compared_only_where_there_is_a_sums_file) {
    const TemporaryFolder folder;
    BOOST_CHECK_NO_THROW(verify_checksums(folder.path(), {{"a b", "abc"}}));
    write_file(folder.path() / "SHA256SUMS", checksum_lines({{"a b", "abc"}, {"other", "x"}}));
    BOOST_CHECK_NO_THROW(verify_checksums(folder.path(), {{"a b", "abc"}}));
    expect_error<DataError>([&] { verify_checksums(folder.path(), {{"a b", "abd"}}); }, {"a b", "SHA-256 ba7816bf"});
    expect_error<DataError>([&] { verify_checksums(folder.path(), {{"c", "abc"}}); }, {"SHA256SUMS", "a line for c"});
}

BOOST_AUTO_TEST_CASE(malformed_sums_file_names_the_line) {
    const TemporaryFolder folder;
    const std::string good = checksum_lines({{"a", "abc"}});
    for (const std::string& bad : {std::string("abc  a\n"), std::string(64, '0'), std::string(64, '0') + "  \n"}) {
        write_file(folder.path() / "SHA256SUMS", good + bad);
        expect_error<DataError>([&] { verify_checksums(folder.path(), {{"a", "abc"}}); }, {"SHA256SUMS:2"});
    }
}

BOOST_AUTO_TEST_SUITE_END()
