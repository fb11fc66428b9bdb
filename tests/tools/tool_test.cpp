#include "tools/common/tool.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>

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

BOOST_AUTO_TEST_SUITE_END()
