// What every tool does around its own work: the command line, error messages, exit codes.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace tapegrad {

/// Adds --version to `app`, parses the command line and runs `body`. Returns the exit code: 0 when done; 1 when `body`
/// failed; 2 for wrong usage and ConfigError. An error becomes one message on stderr.
int run_tool(CLI::App& app, int argc, char** argv, const std::function<void()>& body);

}  // namespace tapegrad
