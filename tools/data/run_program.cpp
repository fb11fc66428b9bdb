#include "tools/data/run_program.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "autograd/errors.hpp"

namespace tapegrad {
namespace {

constexpr int not_found = 127;

/// Where a program's output goes, and which signals it hears.
class SpawnSettings {
public:
    SpawnSettings(const HeldSignals& held, ProgramOutput output) {
        posix_spawn_file_actions_init(&files_);
        posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        if (output == ProgramOutput::hidden)
            posix_spawn_file_actions_addopen(&files_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_adddup2(&files_, STDERR_FILENO, STDOUT_FILENO);
        posix_spawnattr_init(&attributes_);
        posix_spawnattr_setsigmask(&attributes_, &held.mask_before());
        posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK);
    }
    ~SpawnSettings() {
        posix_spawnattr_destroy(&attributes_);
        posix_spawn_file_actions_destroy(&files_);
    }
    SpawnSettings(const SpawnSettings&) = delete;
    SpawnSettings& operator=(const SpawnSettings&) = delete;

    const posix_spawn_file_actions_t& files() const { return files_; }
    const posix_spawnattr_t& attributes() const { return attributes_; }

private:
    posix_spawn_file_actions_t files_;
    posix_spawnattr_t attributes_;
};

int exit_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

int run_program(const std::vector<std::string>& words, const HeldSignals& held, ProgramOutput output) {
    std::vector<std::string> copies = words;
    std::vector<char*> arguments;
    for (std::string& word : copies) arguments.push_back(word.data());
    arguments.push_back(nullptr);

    // Whoever started us may have it ignored, and then no exit code can be waited for.
    std::signal(SIGCHLD, SIG_DFL);
    const SpawnSettings settings(held, output);
    pid_t process = 0;
    if (posix_spawnp(&process, arguments[0], &settings.files(), &settings.attributes(), arguments.data(), environ) != 0)
        return not_found;
    int status = 0;
    while (::waitpid(process, &status, WNOHANG) == 0) {
        if (HeldSignals::any_waits()) {
            ::kill(process, SIGTERM);
            ::waitpid(process, &status, 0);
            break;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    if (HeldSignals::any_waits()) throw DataError(words[0], "time to end", "an interrupt", "Start again");
    return exit_code(status);
}

}  // namespace tapegrad
