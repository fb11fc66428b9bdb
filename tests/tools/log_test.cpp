#include "tools/common/log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "datasets/files.hpp"
#include "tests/temporary_folder.hpp"

using namespace tapegrad;

namespace {

// What `body` writes to stderr.
std::string said(const std::function<void()>& body) {
    const testing::TemporaryFolder folder;
    const std::string file = (folder.path() / "stderr").string();
    const int kept = dup(STDERR_FILENO), other = open(file.c_str(), O_WRONLY | O_CREAT, 0600);
    dup2(other, STDERR_FILENO);
    body();
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(other);
    set_log_level(LogLevel::info);
    return read_file(file);
}

void say_everything() {
    log(LogLevel::error, "a");
    log(LogLevel::warning, "b");
    log(LogLevel::info, "c");
}

std::string said_with(std::vector<std::string> arguments) {
    CLI::App app;
    add_log_options(app);
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
    return said([&] {
        app.parse(arguments);
        say_everything();
    });
}

const std::string a = "tapegrad: error: a\n", b = "tapegrad: warning: b\n", c = "tapegrad: c\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_log)

BOOST_AUTO_TEST_CASE(the_level_says_what_is_written_and_info_is_without_a_word) {
    BOOST_TEST(said(say_everything) == a + b + c);
    BOOST_TEST(said_with({}) == a + b + c);
    BOOST_TEST(said_with({"--log-level", "error"}) == a);
    BOOST_TEST(said_with({"--log-level", "warning"}) == a + b);
    BOOST_TEST(said_with({"--log-level=info"}) == a + b + c);
}

BOOST_AUTO_TEST_CASE(quiet_leaves_errors_whatever_the_level) {
    BOOST_TEST(said_with({"--quiet"}) == a);
    BOOST_TEST(said_with({"--quiet", "--log-level", "info"}) == a);
    BOOST_TEST(said_with({"--log-level", "info", "--quiet"}) == a);
}

BOOST_AUTO_TEST_CASE(options_that_a_tool_has_by_itself_stay_its_own) {
    CLI::App app;
    bool quiet = false;
    app.add_flag("--quiet", quiet);
    add_log_options(app);
    BOOST_TEST(said([&] {
                   app.parse(std::vector<std::string>{"--quiet"});
                   say_everything();
               }) == a + b + c);
    BOOST_TEST(quiet);
}

BOOST_AUTO_TEST_CASE(another_level_is_refused) {
    BOOST_CHECK_THROW(said_with({"--log-level", "loud"}), CLI::ValidationError);
}

BOOST_AUTO_TEST_SUITE_END()
