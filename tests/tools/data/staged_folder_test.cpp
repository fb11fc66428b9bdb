#include "tools/data/staged_folder.hpp"

#include <csignal>
#include <cstdlib>

#include <sys/wait.h>
#include <unistd.h>
#include <boost/test/unit_test.hpp>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/temporary_folder.hpp"
#include "tools/data/run_program.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

namespace fs = std::filesystem;

// Runs `body` in a child process; returns what waitpid says of its end.
template <class Body>
int status_of_child(const Body& body) {
    const pid_t process = fork();
    if (process == 0) {
        std::signal(SIGINT, SIG_DFL);
        body();
        _exit(0);
    }
    int status = 0;
    waitpid(process, &status, 0);
    return status;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_staged_folder)

BOOST_AUTO_TEST_CASE(what_is_not_published_is_removed) {
    const TemporaryFolder folder;
    {
        const StagedFolder staged(folder.path() / "new");
        write_file(staged.path() / "file", "half");
        BOOST_TEST(!fs::exists(folder.path() / "new"));
    }
    BOOST_TEST(is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(published_folder_is_at_the_destination_and_what_was_there_is_gone) {
    const TemporaryFolder folder;
    for (const char* const content : {"first", "second"}) {
        StagedFolder staged(folder.path() / "above/new/");
        fs::create_directory(staged.path() / "content");
        write_file(staged.path() / "content/file", content);
        write_file(staged.path() / "content" / content, "");
        staged.publish(staged.path() / "content");
        BOOST_TEST(read_file(folder.path() / "above/new/file") == content);
    }
    BOOST_TEST(!fs::exists(folder.path() / "above/new/first"));
    BOOST_TEST(std::distance(fs::directory_iterator(folder.path() / "above"), fs::directory_iterator()) == 1);
}

BOOST_AUTO_TEST_CASE(an_interrupt_ends_the_process_after_the_folder_is_removed) {
    const TemporaryFolder folder;
    const int status = status_of_child([&] {
        const StagedFolder staged(folder.path() / "new");
        write_file(staged.path() / "file", "half");
        raise(SIGINT);
        if (!HeldSignals::any_waits()) _exit(1);
    });
    BOOST_TEST(WIFSIGNALED(status));
    BOOST_TEST(WTERMSIG(status) == SIGINT);
    BOOST_TEST(is_empty(folder.path()));
}

BOOST_AUTO_TEST_CASE(what_a_killed_process_left_is_removed_by_the_next) {
    const TemporaryFolder folder;
    const int status = status_of_child([&] {
        const StagedFolder staged(folder.path() / "new");
        raise(SIGKILL);
    });
    BOOST_TEST(WIFSIGNALED(status));
    BOOST_TEST(!is_empty(folder.path()));
    fs::create_directory(folder.path() / ".new.1.part");     // process 1 lives
    fs::create_directory(folder.path() / ".new.mine.part");  // no process at all
    { const StagedFolder staged(folder.path() / "new"); }
    BOOST_TEST(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 2);
    BOOST_TEST(fs::exists(folder.path() / ".new.1.part"));
}

BOOST_AUTO_TEST_CASE(foreign_entries_are_all_but_own_files) {
    const TemporaryFolder folder;
    const auto is_ours = [](const std::string& name) { return name == "ours"; };
    BOOST_TEST(!foreign_entry(folder.path() / "absent", is_ours).has_value());
    write_file(folder.path() / "ours", "");
    BOOST_TEST(!foreign_entry(folder.path(), is_ours).has_value());
    BOOST_TEST(foreign_entry(folder.path() / "ours", is_ours).value() == "ours");  // no folder
    write_file(folder.path() / "mine", "");
    BOOST_TEST(foreign_entry(folder.path(), is_ours).value() == "mine");
    fs::remove(folder.path() / "mine");
    fs::remove(folder.path() / "ours");
    fs::create_directory(folder.path() / "ours");
    BOOST_TEST(foreign_entry(folder.path(), is_ours).value() == "ours");
}

BOOST_AUTO_TEST_CASE(a_folder_that_cannot_be_read_is_not_to_be_replaced) {
    if (geteuid() == 0) return;  // who may read everything
    const TemporaryFolder folder;
    fs::create_directory(folder.path() / "closed");
    fs::permissions(folder.path() / "closed", fs::perms::none);
    BOOST_TEST(foreign_entry(folder.path() / "closed", [](const auto&) { return true; }).has_value());
    fs::permissions(folder.path() / "closed", fs::perms::owner_all);
}

BOOST_AUTO_TEST_CASE(exit_codes_are_known_where_the_parent_ignored_the_ends_of_its_children) {
    const int status = status_of_child([] {
        std::signal(SIGCHLD, SIG_IGN);
        const HeldSignals held;
        _exit(run_program({"sh", "-c", "exit 3"}, held));
    });
    BOOST_TEST(WEXITSTATUS(status) == 3);
}

BOOST_AUTO_TEST_CASE(programs_give_their_exit_code) {
    const HeldSignals held;
    BOOST_TEST(run_program({"true"}, held) == 0);
    BOOST_TEST(run_program({"sh", "-c", "exit 3"}, held) == 3);
    BOOST_TEST(run_program({"sh", "-c", "kill -9 $$"}, held) == 128 + 9);
    BOOST_TEST(run_program({"no-such-program-anywhere"}, held) == 127);
}

BOOST_AUTO_TEST_CASE(an_interrupt_ends_the_program_that_runs) {
    const int status = status_of_child([&] {
        const HeldSignals held;
        raise(SIGINT);
        try {
            run_program({"sleep", "60"}, held);
        } catch (const DataError&) {
            _exit(7);
        }
    });
    BOOST_TEST(WIFEXITED(status));
    BOOST_TEST(WEXITSTATUS(status) == 7);
}

BOOST_AUTO_TEST_SUITE_END()
