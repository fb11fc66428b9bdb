// What a tool says on stderr while it works; results go to stdout.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace tapegrad {

enum class LogLevel { error, warning, info };

/// Sets how much is said from now on: this level and those before it. "info" unless set. A process has one stderr, so
/// it has one level.
void set_log_level(LogLevel level);

/// Will messages of this level be written? For those that cost something to make.
bool logs(LogLevel level);

/// Writes "tapegrad: MESSAGE" to stderr, with the level before the message unless it is info: "tapegrad: warning: ...".
void log(LogLevel level, const std::string& message);

/// Adds --log-level and --quiet, which stands for `--log-level error`; each only where `app` has no option of that
/// name.
void add_log_options(CLI::App& app);

}  // namespace tapegrad
