#include "tools/benchmarks/child_process.hpp"

#include <fmt/format.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "autograd/errors.hpp"
#include "tools/common/shell_word.hpp"

namespace tapegrad {
namespace {

[[noreturn]] void command_failed(const std::string& command, const std::string& how) {
    throw BackendError(fmt::format("command '{}'", command), "exit code 0", how,
                       "Run it by hand to see what is wrong; what it wrote to stderr stands above");
}

}  // namespace

std::string shell_command(std::span<const std::string> words) {
    std::string command;
    for (const std::string& word : words) command += (command.empty() ? "" : " ") + shell_word(word);
    return command;
}

std::string own_command(std::span<const std::string> arguments) {
    return shell_word(std::filesystem::read_symlink("/proc/self/exe").string()) + " " + shell_command(arguments);
}

std::string output_of(const std::string& command, int threads) {
    std::fflush(stdout);
    const std::string with_threads = fmt::format("export OMP_NUM_THREADS={}\n{}", threads, command);
    FILE* const pipe = popen(with_threads.c_str(), "re");
    if (pipe == nullptr) command_failed(command, fmt::format("no process: {}", std::strerror(errno)));
    std::string output;
    std::array<char, 4096> buffer;
    while (const std::size_t length = std::fread(buffer.data(), 1, buffer.size(), pipe))
        output.append(buffer.data(), length);
    const int status = pclose(pipe);
    if (status == -1) command_failed(command, fmt::format("no exit code: {}", std::strerror(errno)));
    if (WIFSIGNALED(status)) command_failed(command, fmt::format("signal {}", WTERMSIG(status)));
    if (WEXITSTATUS(status) != 0) command_failed(command, fmt::format("exit code {}", WEXITSTATUS(status)));
    return output;
}

}  // namespace tapegrad
