#include "tools/sweeps/child_runs.hpp"

#include <dlfcn.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>

#include "autograd/errors.hpp"
#include "tests/temporary_folder.hpp"
#include "tools/common/tool.hpp"

using namespace tapegrad;
using tapegrad::testing::TemporaryFolder;

namespace {

std::map<std::size_t, ChildOutcome> outcomes_of(std::size_t count, int at_once,
                                                const std::function<void(std::size_t)>& work) {
    std::map<std::size_t, ChildOutcome> outcomes;
    run_in_children(count, at_once, work,
                    [&](std::size_t i, const ChildOutcome& outcome) { outcomes.emplace(i, outcome); });
    return outcomes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_child_runs)

BOOST_AUTO_TEST_CASE(each_piece_of_work_is_done_once_in_a_process_of_its_own) {
    const TemporaryFolder folder;
    const auto outcomes = outcomes_of(20, 3, [&](std::size_t i) {
        std::ofstream(folder.path() / std::to_string(i), std::ios::app) << getpid() << "\n";
    });
    BOOST_CHECK_EQUAL(outcomes.size(), 20);
    std::map<std::string, int> processes;
    for (std::size_t i = 0; i < 20; ++i) {
        std::ifstream file(folder.path() / std::to_string(i));
        std::string process, more;
        BOOST_CHECK(std::getline(file, process) && !std::getline(file, more));
        ++processes[process];
        BOOST_CHECK_EQUAL(outcomes.at(i).error, "");
    }
    BOOST_CHECK_EQUAL(processes.size(), 20);
    BOOST_CHECK(!processes.contains(std::to_string(getpid())));
}

BOOST_AUTO_TEST_CASE(what_fails_is_told_and_ends_nothing_else) {
    const auto outcomes = outcomes_of(6, 2, [](std::size_t i) {
        if (i == 1) throw std::runtime_error("the reason, " + std::string(100'000, 'x'));
        if (i == 2) throw Interrupted("told to stop");
        if (i == 3) raise(SIGKILL);
        if (i == 4) _exit(7);
    });
    BOOST_REQUIRE_EQUAL(outcomes.size(), 6);
    BOOST_CHECK_EQUAL(outcomes.at(0).error, "");
    BOOST_CHECK_EQUAL(outcomes.at(1).error, "the reason, " + std::string(100'000, 'x'));
    BOOST_CHECK(outcomes.at(2).interrupted);
    BOOST_CHECK(!outcomes.at(1).interrupted);
    BOOST_CHECK_NE(outcomes.at(3).error.find("signal 9"), std::string::npos);
    BOOST_CHECK_EQUAL(outcomes.at(4).error, "exit code 7");
    BOOST_CHECK_EQUAL(outcomes.at(5).error, "");
}

BOOST_AUTO_TEST_CASE(wrong_usage_is_told_from_other_failures) {
    const auto outcomes = outcomes_of(3, 3, [](std::size_t i) {
        if (i == 0) throw ConfigError("here", "this", "that", "Change it");
        if (i == 1) throw WrongUsage("several");
        throw std::runtime_error("no room");
    });
    BOOST_CHECK(outcomes.at(0).wrong_usage && outcomes.at(1).wrong_usage && !outcomes.at(2).wrong_usage);
    BOOST_CHECK_EQUAL(outcomes.at(0).error, "here: expected this, got that. Change it.");
    BOOST_CHECK_EQUAL(outcomes.at(1).error, "several");
}

BOOST_AUTO_TEST_CASE(as_many_run_at_a_time_as_allowed_and_no_more) {
    const TemporaryFolder folder;
    const auto running = [&] {
        std::size_t count = 0;
        for (const auto& file : std::filesystem::directory_iterator(folder.path())) count += file.exists();
        return count;
    };
    // The first three wait for each other: one after another they would not come to an end.
    const auto outcomes = outcomes_of(12, 3, [&](std::size_t i) {
        const std::filesystem::path mine = folder.path() / std::to_string(i);
        std::ofstream(mine) << "x";
        for (int tries = 0; i < 3 && running() < 3; ++tries) {
            if (tries == 1000) throw std::runtime_error("alone");
            usleep(10'000);
        }
        const std::size_t now = running();
        usleep(20'000);
        std::filesystem::remove(mine);
        if (now > 3) throw std::runtime_error(std::to_string(now) + " at a time");
    });
    for (const auto& [i, outcome] : outcomes) BOOST_CHECK_EQUAL(outcome.error, "");
}

// The sanitizer of undefined behaviour opens a pipe of its own to look at an object that is thrown, and finds a fault
// where it gets none.
boost::test_tools::assertion_result needs_no_pipe(boost::unit_test::test_unit_id) {
    boost::test_tools::assertion_result result(dlsym(RTLD_DEFAULT, "__ubsan_handle_type_mismatch_v1") == nullptr);
    if (!result) result.message() << "the sanitizer needs descriptors itself";
    return result;
}

BOOST_AUTO_TEST_CASE(what_the_system_has_no_room_for_waits_for_the_others,
                     *boost::unit_test::precondition(needs_no_pipe)) {
    const int next = dup(0);  // the descriptors below it are in use
    close(next);
    rlimit before;
    getrlimit(RLIMIT_NOFILE, &before);
    const auto with_room_for = [&](int descriptors, std::size_t count) {
        const rlimit few{static_cast<rlim_t>(next + descriptors), before.rlim_max};
        setrlimit(RLIMIT_NOFILE, &few);
        const auto outcomes = outcomes_of(count, 16, [](std::size_t) { usleep(20'000); });
        setrlimit(RLIMIT_NOFILE, &before);
        return outcomes;
    };
    const auto waiting = with_room_for(3, 8);
    BOOST_CHECK_EQUAL(waiting.size(), 8);
    for (const auto& [i, outcome] : waiting) BOOST_CHECK_EQUAL(outcome.error, "");
    const auto none = with_room_for(1, 2);
    BOOST_CHECK_EQUAL(none.size(), 2);
    for (const auto& [i, outcome] : none) BOOST_CHECK_NE(outcome.error.find("pipe"), std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
