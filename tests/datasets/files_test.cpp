#include "datasets/files.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <string>
#include <vector>

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

BOOST_AUTO_TEST_CASE(a_link_stays_and_what_it_stands_for_is_written) {
    namespace fs = std::filesystem;
    const TemporaryFolder folder;
    fs::create_directory(folder.path() / "below");
    fs::create_symlink("below/file", folder.path() / "link");
    for (const char* const content : {"first, where the link hangs", "second"}) {
        write_file(folder.path() / "link", content);
        BOOST_CHECK(fs::is_symlink(folder.path() / "link"));
        BOOST_CHECK_EQUAL(read_file(folder.path() / "below" / "file"), content);
    }
    fs::create_symlink("loop", folder.path() / "loop");
    expect_error<DataError>([&] { write_file(folder.path() / "loop", "new"); }, {"loop", "can be written"});
}

BOOST_AUTO_TEST_CASE(processes_that_write_one_file_leave_it_whole) {
    const TemporaryFolder folder;
    const auto file = folder.path() / "file";
    const auto content = [](int writer) { return std::string(2'000'000, static_cast<char>('a' + writer)); };
    std::vector<pid_t> writers;
    for (int writer = 0; writer < 4; ++writer) {
        writers.push_back(fork());
        if (writers.back() != 0) continue;
        int failures = 0;
        try {
            for (int i = 0; i < 20; ++i) write_file(file, content(writer));
        } catch (...) {
            failures = 1;
        }
        _exit(failures);
    }
    for (const pid_t writer : writers) {
        for (int status = -1; waitpid(writer, &status, WNOHANG) == 0;) {
            if (!std::filesystem::exists(file)) continue;
            const std::string read = read_file(file);
            BOOST_REQUIRE(read == content(read.at(0) - 'a'));
        }
    }
    BOOST_CHECK(!std::filesystem::exists(folder.path() / "file.part"));
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
