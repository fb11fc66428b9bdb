#include "tools/conformance/child_processes.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <map>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "autograd/errors.hpp"

namespace tapegrad {
namespace {

/// A page that parent and child share: where the child is now.
class SharedText {
public:
    SharedText() : memory_(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
        if (memory_ == MAP_FAILED) throw BackendError("mmap", "a page", std::strerror(errno), "free some memory");
    }
    ~SharedText() {
        if (memory_ != nullptr) munmap(memory_, size);
    }
    SharedText(SharedText&& other) noexcept : memory_(std::exchange(other.memory_, nullptr)) {}
    SharedText& operator=(SharedText&&) = delete;

    void write(const std::string& text) const {
        const std::size_t length = std::min(text.size(), size - 1);
        std::memcpy(memory_, text.data(), length);
        static_cast<char*>(memory_)[length] = 0;
    }
    std::string read() const { return static_cast<const char*>(memory_); }

private:
    static constexpr std::size_t size = 4096;
    void* memory_;
};

using Clock = std::chrono::steady_clock;

struct Child {
    std::size_t job;
    int file;
    SharedText where;
    Clock::time_point deadline;
    bool is_late = false;
};

void write_all(int file, const std::string& text) {
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t written = ::write(file, text.data() + done, text.size() - done);
        if (written <= 0) _exit(1);
        done += static_cast<std::size_t>(written);
    }
}

std::string read_all(int file) {
    std::string text;
    char buffer[4096];
    lseek(file, 0, SEEK_SET);
    for (ssize_t count; (count = ::read(file, buffer, sizeof(buffer))) > 0;)
        text.append(buffer, static_cast<std::size_t>(count));
    return text;
}

/// Never returns, and runs no destructors: threads of a plugin may be in the middle of something.
[[noreturn]] void be_child(const ChildJob& job, const Child& child) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (const int crash : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL}) std::signal(crash, SIG_DFL);
    nlohmann::json answer;
    try {
        answer["value"] = job([&](const std::string& what) { child.where.write(what); });
    } catch (const std::exception& error) {
        answer["failure"] = std::string("threw: ") + error.what();
    } catch (...) {
        answer["failure"] = "threw what is no exception of the standard library";
    }
    write_all(child.file, answer.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    std::fflush(stdout);
    _exit(0);
}

void stop_late_ones(std::map<pid_t, Child>& running) {
    for (auto& [process, child] : running)
        if (Clock::now() > child.deadline && !std::exchange(child.is_late, true)) kill(process, SIGKILL);
}

ChildResult result_of(const Child& child, int status, unsigned seconds) {
    const std::string where = child.where.read(), at = where.empty() ? "" : " at " + where;
    if (WIFSIGNALED(status)) {
        const int signal = WTERMSIG(status);
        if (child.is_late) return {{}, fmt::format("did not end within {} s{}", seconds, at)};
        return {{}, fmt::format("crashed with signal {} ({}){}", signal, strsignal(signal), at)};
    }
    const nlohmann::json answer = nlohmann::json::parse(read_all(child.file), nullptr, false);
    if (answer.is_discarded())
        return {{}, fmt::format("ended the process with exit code {}{}", WEXITSTATUS(status), at)};
    if (answer.contains("failure")) return {{}, answer.at("failure").get<std::string>() + at};
    return {answer.at("value"), ""};
}

}  // namespace

std::vector<ChildResult> run_in_children(const std::vector<ChildJob>& jobs, int at_once, unsigned seconds) {
    std::vector<ChildResult> results(jobs.size());
    std::map<pid_t, Child> running;
    std::size_t next = 0;
    while (next < jobs.size() || !running.empty()) {
        if (next < jobs.size() && running.size() < static_cast<std::size_t>(std::max(1, at_once))) {
            Child child{
                next, memfd_create("tapegrad-child", MFD_CLOEXEC), {}, Clock::now() + std::chrono::seconds(seconds)};
            std::fflush(stdout);
            const pid_t process = child.file < 0 ? -1 : fork();
            if (process < 0)
                throw BackendError("fork", "a child process", std::strerror(errno), "free some memory or processes");
            if (process == 0) be_child(jobs[next], child);
            running.emplace(process, std::move(child));
            ++next;
            continue;
        }
        int status = 0;
        const auto ended = std::ranges::find_if(
            running, [&](const auto& entry) { return waitpid(entry.first, &status, WNOHANG) == entry.first; });
        if (ended == running.end()) {
            stop_late_ones(running);
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            continue;
        }
        results[ended->second.job] = result_of(ended->second, status, seconds);
        close(ended->second.file);
        running.erase(ended);
    }
    return results;
}

ChildResult run_in_child(const ChildJob& job, unsigned seconds) { return run_in_children({job}, 1, seconds)[0]; }

}  // namespace tapegrad
