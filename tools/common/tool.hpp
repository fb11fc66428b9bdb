// What every tool does around its own work: the command line, error messages, exit codes.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tapegrad {

/// Adds --version to `app`, parses the command line and runs `body`. Returns the exit code: 0 when done; 1 when `body`
/// failed; 2 for wrong usage and ConfigError. An error becomes one message on stderr.
int run_tool(CLI::App& app, int argc, char** argv, const std::function<void()>& body);

/// How many threads a backend gets: `asked`, or for 0 what OMP_NUM_THREADS says if that is a number of at least 1, or
/// else one a core. At most four a core: of more, a line on stderr tells that they are not made.
int thread_count(std::int64_t asked);

/// Adds --load LIB, which may be given repeatedly: extension libraries for `load_extension`, to be loaded before a
/// backend is opened.
void add_load_option(CLI::App& app, std::vector<std::string>& libraries);

}  // namespace tapegrad
