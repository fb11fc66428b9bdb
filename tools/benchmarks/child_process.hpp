// Programs that a benchmark runs beside itself.
#pragma once

#include <span>
#include <string>

namespace tapegrad {

/// The words as a command for a shell.
std::string shell_command(std::span<const std::string> words);

/// A command that runs this very program with other arguments.
std::string own_command(std::span<const std::string> arguments);

/// Runs a shell command with OMP_NUM_THREADS set, unless the command sets it itself, and returns what it prints on
/// stdout; its stderr is ours. Throws BackendError for a command that cannot be started or does not exit with 0.
std::string output_of(const std::string& command, int threads);

}  // namespace tapegrad
