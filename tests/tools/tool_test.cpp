#include "tools/common/tool.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <new>
#include <optional>
#include <string>
#include <thread>

#include <nlohmann/json.hpp>

#include "autograd/errors.hpp"
#include "tools/conformance/child_processes.hpp"

using namespace tapegrad;

namespace {

// Sets OMP_NUM_THREADS, or takes it away, until the end of the scope.
class OmpNumThreads {
public:
    explicit OmpNumThreads(const char* value) {
        if (const char* const before = std::getenv(name)) before_ = before;
        set(value);
    }
    ~OmpNumThreads() { set(before_ ? before_->c_str() : nullptr); }
    OmpNumThreads(const OmpNumThreads&) = delete;
    OmpNumThreads& operator=(const OmpNumThreads&) = delete;

private:
    static void set(const char* value) {
        if (value == nullptr)
            unsetenv(name);
        else
            setenv(name, value, 1);
    }
    static constexpr const char* name = "OMP_NUM_THREADS";
    std::optional<std::string> before_;
};

int threads_with(const char* variable, std::int64_t asked = 0) {
    const OmpNumThreads scope(variable);
    return thread_count(asked);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_tool)

BOOST_AUTO_TEST_CASE(threads_come_from_the_config_then_the_environment_then_the_cores) {
    const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    BOOST_TEST(threads_with(nullptr, 3) == 3);
    BOOST_TEST(threads_with("7", 3) == 3);
    BOOST_TEST(threads_with("7") == 7);
    BOOST_TEST(threads_with("100000") == 4 * cores);
    BOOST_TEST(threads_with(nullptr, 4096) == 4 * cores);
    BOOST_TEST(threads_with("5,2") == 5);
    BOOST_TEST(threads_with(nullptr) == cores);
    for (const char* const none : {"", "0", "-2", "many", "3x", " 3", "99999999999999999999"})
        BOOST_TEST(threads_with(none) == cores, none);
}

BOOST_AUTO_TEST_CASE(exit_codes_follow_from_what_the_body_throws) {
    const auto code = [](const std::function<void()>& body) {
        CLI::App app("", "tool");
        char name[] = "tool";
        char* arguments[] = {name, nullptr};
        return run_tool(app, 1, arguments, body);
    };
    BOOST_TEST(code([] {}) == 0);
    BOOST_TEST(code([] { throw ConfigError("a", "b", "c", "d"); }) == 2);
    BOOST_TEST(code([] { throw CLI::RequiredError("X"); }) == 2);
    BOOST_TEST(code([] { throw DataError("a", "b", "c", "d"); }) == 1);
    BOOST_TEST(code([] { throw std::bad_alloc(); }) == 1);
    // The end that a shell calls 130.
    const auto interrupted = [&](const Progress&) -> nlohmann::json {
        return code([] { throw Interrupted("stopped"); });
    };
    BOOST_TEST(run_in_child(interrupted, 60).failure.find("signal 2 ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(help_ends_with_examples_and_exit_codes_in_subcommands_too) {
    CLI::App app("", "tool");
    app.footer("A remark.");
    add_example(app, "one");
    CLI::App* const command = app.add_subcommand("show");
    add_example(*command, "two");
    add_example(*command, "three");
    char name[] = "tool", show[] = "show";
    char* arguments[] = {name, show, nullptr};
    run_tool(app, 2, arguments, [] {}, {.failed = "a defect was found"});
    const std::string codes = "Exit code: 0 done, 1 a defect was found, 2 wrong usage, 130 interrupted.";
    BOOST_TEST(app.get_footer() == "A remark.\nExample: tools/tool one\n" + codes);
    BOOST_TEST(command->get_footer() == "Example: tools/tool show two\nExample: tools/tool show three\n" + codes);
}

BOOST_AUTO_TEST_SUITE_END()
