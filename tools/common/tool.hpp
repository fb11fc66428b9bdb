// What every tool does around its own work: the command line, error messages, exit codes.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace tapegrad {

/// What the exit codes 0 and 1 of a tool mean, as its --help says it.
struct ExitCodes {
    std::string done = "done";
    std::string failed = "failed";
};

/// Thrown by what was told to stop (Ctrl-C) and has put its things in order; the message says how to go on.
class Interrupted : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Wrong usage of more than one kind, or told already; what there is but one of is a ConfigError.
class WrongUsage : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Lets the --help of `app`, which may be a subcommand, end with an example: what a person types, the name of the tool
/// as it was started and then `arguments`. It may be called repeatedly, and `app.footer` before it for remarks.
void add_example(CLI::App& app, const std::string& arguments);

/// Adds --version, --log-level and --quiet to `app` and its subcommands and the exit codes to their --help, parses the
/// command line and runs `body`. Returns the exit code: 0 when done; 1 when `body` failed or stdout could not be
/// written; 2 for WrongUsage and ConfigError. An error becomes one message on stderr. Of SIGINT the process dies, at
/// once if `body` does not catch it, and else when `body` throws Interrupted: a shell calls that 130, and knows that a
/// loop has to stop too. `NAME --complete WORDS...` prints what `completions` gives, for tools/completion.bash.
int run_tool(CLI::App& app, int argc, char** argv, const std::function<void()>& body, const ExitCodes& codes = {});

/// How many threads a backend gets: `asked`, or for 0 what OMP_NUM_THREADS says if that is a number of at least 1, or
/// else one a core. At most four a core: of more, a warning tells that they are not made.
int thread_count(std::int64_t asked);

/// Adds --load LIB, which may be given repeatedly: extension libraries for `load_extension`, to be loaded before a
/// backend is opened.
void add_load_option(CLI::App& app, std::vector<std::string>& libraries);

}  // namespace tapegrad
