// Work in child processes: what it returns, and what is told of work that throws, crashes, ends or hangs.
#include "tools/conformance/child_processes.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>

using namespace tapegrad;
using nlohmann::json;

namespace {

ChildResult run(std::function<json(const Progress&)> work, unsigned seconds = 20) {
    return run_in_child({std::move(work)}, seconds);
}

void check_failure(const ChildResult& result, std::initializer_list<std::string> parts) {
    BOOST_TEST(result.value.is_null());
    for (const std::string& part : parts)
        BOOST_TEST(result.failure.find(part) != std::string::npos,
                   '"' << result.failure << "\" does not contain \"" << part << '"');
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_conformance_child_processes)

BOOST_AUTO_TEST_CASE(a_value_travels_back_whole) {
    const std::string text(100000, 'x');
    const ChildResult result = run([&](const Progress&) -> json { return {{"text", text}, {"number", 0.1}}; });
    BOOST_TEST(result.failure == "");
    BOOST_TEST((result.value == json{{"text", text}, {"number", 0.1}}));
}

BOOST_AUTO_TEST_CASE(each_job_has_a_process_of_its_own_and_its_result_its_place) {
    int changed = 0;
    std::vector<ChildJob> jobs;
    for (int i = 0; i < 20; ++i)
        jobs.push_back({[i, &changed](const Progress&) -> json { return ++changed * 100 + i; }});
    const std::vector<ChildResult> results = run_in_children(jobs, 3, 20);
    for (int i = 0; i < 20; ++i) BOOST_TEST((results[static_cast<std::size_t>(i)].value == json(100 + i)));
    BOOST_TEST(changed == 0);
}

BOOST_AUTO_TEST_CASE(a_crash_is_told_with_its_signal_and_where_the_work_was) {
    check_failure(run([](const Progress& progress) -> json {
                      progress("one");
                      progress("the second part");
                      std::raise(SIGKILL);
                      return {};
                  }),
                  {"crashed with signal 9 (Killed)", "at the second part"});
    check_failure(run([](const Progress&) -> json { std::abort(); }), {"crashed with signal 6 (Aborted)"});
}

BOOST_AUTO_TEST_CASE(exceptions_and_exits_are_told) {
    check_failure(run([](const Progress& progress) -> json {
                      progress("here");
                      throw std::runtime_error("no beads");
                  }),
                  {"no beads at here"});
    check_failure(run([](const Progress&) -> json { throw 3; }), {"no exception of the standard library"});
    check_failure(run([](const Progress&) -> json { _exit(7); }), {"ended the process with exit code 7"});
}

BOOST_AUTO_TEST_CASE(work_that_never_ends_is_stopped) {
    check_failure(run(
                      [](const Progress& progress) -> json {
                          progress("a long wait");
                          std::signal(SIGALRM, SIG_IGN);
                          while (true) pause();
                      },
                      1),
                  {"did not end within 1 s at a long wait"});
}

BOOST_AUTO_TEST_SUITE_END()
