#include "tools/sweeps/child_runs.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>

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

BOOST_AUTO_TEST_CASE(no_more_run_at_a_time_than_allowed) {
    const TemporaryFolder folder;
    const auto running = [&] {
        std::size_t count = 0;
        for (const auto& file : std::filesystem::directory_iterator(folder.path())) count += file.exists();
        return count;
    };
    const auto outcomes = outcomes_of(12, 3, [&](std::size_t i) {
        const std::filesystem::path mine = folder.path() / std::to_string(i);
        std::ofstream(mine) << "x";
        const std::size_t now = running();
        usleep(20'000);
        std::filesystem::remove(mine);
        if (now > 3) throw std::runtime_error(std::to_string(now) + " at a time");
    });
    for (const auto& [i, outcome] : outcomes) BOOST_CHECK_EQUAL(outcome.error, "");
}

BOOST_AUTO_TEST_SUITE_END()
