#include "tools/sweeps/child_runs.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

#include "autograd/errors.hpp"
#include "tools/common/interruption.hpp"
#include "tools/common/tool.hpp"

namespace tapegrad {
namespace {

constexpr int failed_code = 1, wrong_usage_code = 2, interrupted_code = 130;

struct Child {
    std::size_t number;
    pid_t process;
    int errors;  // a pipe; its end tells that the process has ended
    std::string error{};
};

[[noreturn]] void work_and_exit(const std::function<void(std::size_t)>& work, std::size_t number, int errors,
                                pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);  // a run that nobody waits for writes a checkpoint and ends
    if (getppid() != parent) _exit(interrupted_code);
    std::string error;
    int code = 0;
    try {
        work(number);
    } catch (const Interrupted&) {
        code = interrupted_code;
    } catch (const ConfigError& fault) {
        error = fault.what();
        code = wrong_usage_code;
    } catch (const WrongUsage& fault) {
        error = fault.what();
        code = wrong_usage_code;
    } catch (const std::exception& fault) {
        error = fault.what();
        code = failed_code;
    }
    std::fflush(nullptr);
    if (::write(errors, error.data(), error.size()) < 0) code = failed_code;
    _exit(code);  // without destructors: what is shared with the parent is not this process's to end
}

// Throws std::system_error where the system gives no further pipe or process.
Child begin(const std::function<void(std::size_t)>& work, std::size_t number, const std::vector<Child>& others) {
    std::array<int, 2> ends;
    std::fflush(nullptr);  // or the child would print it again
    const pid_t parent = getpid();
    if (pipe(ends.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    const pid_t process = fork();
    if (process < 0) {
        const int reason = errno;
        for (const int end : ends) close(end);
        throw std::system_error(reason, std::generic_category(), "fork");
    }
    if (process == 0) {
        for (const Child& other : others) close(other.errors);
        close(ends[0]);
        work_and_exit(work, number, ends[1], parent);
    }
    close(ends[1]);
    return {number, process, ends[0]};
}

// Reads what there is of the child's error. False at its end.
bool read_error(Child& child) {
    std::array<char, 4096> bytes;
    const ssize_t length = read(child.errors, bytes.data(), bytes.size());
    if (length < 0) return errno == EINTR;
    child.error.append(bytes.data(), static_cast<std::size_t>(length));
    return length > 0;
}

ChildOutcome end(const Child& child) {
    close(child.errors);
    int status = 0;
    while (waitpid(child.process, &status, 0) < 0 && errno == EINTR) continue;
    if (WIFSIGNALED(status))
        return {fmt::format("ended by signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)))};
    if (WEXITSTATUS(status) == interrupted_code) return {.error = "interrupted", .interrupted = true};
    if (WEXITSTATUS(status) != 0 && child.error.empty()) return {fmt::format("exit code {}", WEXITSTATUS(status))};
    return {.error = child.error, .wrong_usage = WEXITSTATUS(status) == wrong_usage_code};
}

using Finished = std::function<void(std::size_t, const ChildOutcome&)>;

// Begins the next ones, as far as they may run and the system lets them.
void begin_next(std::size_t& next, std::size_t count, int at_once, const std::function<void(std::size_t)>& work,
                const Finished& finished, std::vector<Child>& children) {
    while (next < count && !interrupted() && children.size() < static_cast<std::size_t>(at_once)) {
        try {
            children.push_back(begin(work, next, children));
        } catch (const std::system_error& fault) {
            if (!children.empty()) return;  // until one of them ends and gives back what is short
            finished(next, {fault.what()});
        }
        ++next;
    }
}

}  // namespace

void run_in_children(std::size_t count, int at_once, const std::function<void(std::size_t)>& work,
                     const Finished& finished) {
    std::vector<Child> children;
    std::size_t next = 0;
    bool told = false;
    while (!children.empty() || (next < count && !interrupted())) {
        begin_next(next, count, at_once, work, finished, children);
        if (interrupted() && !std::exchange(told, true))
            for (const Child& child : children) kill(child.process, SIGTERM);
        std::vector<pollfd> ends;
        for (const Child& child : children) ends.push_back({child.errors, POLLIN, 0});
        poll(ends.data(), ends.size(), 100);  // ms; a signal may come between the look at it and this call
        for (std::size_t i = children.size(); i-- > 0;) {
            if (ends[i].revents == 0 || read_error(children[i])) continue;
            const Child child = children[i];
            children.erase(children.begin() + static_cast<std::ptrdiff_t>(i));
            finished(child.number, end(child));
        }
    }
}

}  // namespace tapegrad
