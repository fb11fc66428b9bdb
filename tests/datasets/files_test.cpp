#include "datasets/files.hpp"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <string>

#include "autograd/errors.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/temporary_folder.hpp"

using namespace tapegrad;
using namespace std::string_literals;
using tapegrad::testing::expect_error;
using tapegrad::testing::TemporaryFolder;

BOOST_AUTO_TEST_SUITE(datasets_files)

BOOST_AUTO_TEST_CASE(every_byte_comes_back) {
    const TemporaryFolder folder;
    for (const std::string& content : {""s, "a\r\nb\0\n\xff"s, std::string(100'000, 'x')}) {
        write_file(folder.path() / "file", content);
        BOOST_CHECK(read_file(folder.path() / "file") == content);
    }
}

BOOST_AUTO_TEST_CASE(missing_file_and_folder_are_data_errors) {
    const TemporaryFolder folder;
    expect_error<DataError>([&] { read_file(folder.path() / "absent"); }, {"absent", "nothing of that name"});
    expect_error<DataError>([&] { read_file(folder.path()); }, {folder.path().string(), "something else"});
}

BOOST_AUTO_TEST_CASE(file_of_2_gib_is_refused_before_it_is_read) {
    const TemporaryFolder folder;
    std::ofstream(folder.path() / "big").put('x');
    std::filesystem::resize_file(folder.path() / "big", std::uintmax_t{1} << 31);  // takes no space on disk
    expect_error<DataError>([&] { read_file(folder.path() / "big"); }, {"below 2 GiB", "2147483648 bytes"});
}

BOOST_AUTO_TEST_CASE(failed_write_leaves_the_old_content_and_no_other_file) {
    const TemporaryFolder folder;
    const auto taken = folder.path() / "taken";
    std::filesystem::create_directory(taken);
    std::ofstream(taken / "inside").put('x');
    expect_error<DataError>([&] { write_file(taken, "new"); }, {taken.string(), "can be written"});
    BOOST_CHECK_EQUAL(read_file(taken / "inside"), "x");
    BOOST_CHECK(!std::filesystem::exists(folder.path() / "taken.part"));
    expect_error<DataError>([&] { write_file(folder.path() / "absent" / "file", "new"); }, {"absent"});
}

BOOST_AUTO_TEST_CASE(what_is_no_file_is_not_written_over) {
    const TemporaryFolder folder;
    const auto pipe = folder.path() / "pipe";
    BOOST_REQUIRE_EQUAL(mkfifo(pipe.c_str(), 0600), 0);
    expect_error<DataError>([&] { write_file(pipe, "new"); }, {pipe.string(), "no file"});
    BOOST_CHECK(std::filesystem::is_fifo(pipe));
    BOOST_CHECK(!std::filesystem::exists(folder.path() / "pipe.part"));
}

BOOST_AUTO_TEST_SUITE_END()
