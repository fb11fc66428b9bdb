#include "tools/common/tool.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <span>
#include <sstream>
#include <string_view>
#include <system_error>
#include <thread>

#include "autograd/errors.hpp"
#include "autograd/version.hpp"
#include "tools/common/completion.hpp"
#include "tools/common/log.hpp"
#include "tools/common/share_folder.hpp"
#include "tools/common/standard_output.hpp"

namespace tapegrad {

namespace {

void print_candidates(const CLI::App& app, std::span<char*> words) {
    const std::vector<std::string> before(words.begin(), words.end());
    for (const std::string& candidate : completions(app, before)) fmt::print("{}\n", candidate);
}

// What all tools have, on all levels.
void add_manners(CLI::App& app, const ExitCodes& codes) {
    add_log_options(app);
    if (app.get_option_no_throw("--version") == nullptr)
        app.set_version_flag("--version", fmt::format("tapegrad {}", version));
    const std::string footer = app.get_footer();
    if (footer.find("Exit code") == std::string::npos)
        app.footer(fmt::format("{}{}Exit code: 0 {}, 1 {}, 2 wrong usage, 130 interrupted.", footer,
                               footer.empty() ? "" : "\n", codes.done, codes.failed));
    for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) add_manners(*command, codes);
}

// A file that is opened must not take the place of stdout or stderr, closed by whoever started the tool: what is said
// would go into it. What stands there instead takes nothing, so that lost results are an error as they were.
void occupy_closed_streams() {
    for (int descriptor = 0; descriptor <= STDERR_FILENO;) {
        descriptor = ::open("/dev/null", O_RDONLY);
        if (descriptor < 0) return;
        if (descriptor > STDERR_FILENO) ::close(descriptor);
    }
}

// Does what the command line says, returns the exit code.
int parse_and_run(CLI::App& app, int argc, char** argv, const std::function<void()>& body) {
    const auto fail = [&](const std::string& message, int code) {
        std::fflush(stdout);
        // Not by fmt, which would throw when stderr is closed.
        std::fputs(fmt::format("{}: {}\n", app.get_name(), message).c_str(), stderr);
        return code;
    };
    try {
        try {
            const std::span<char*> words(argv, static_cast<std::size_t>(argc));
            if (argc > 1 && std::string_view(argv[1]) == "--complete") {
                print_candidates(app, words.subspan(2));
            } else {
                app.parse(argc, argv);
                body();
            }
        } catch (const CLI::Success& help_or_version) {
            std::ostringstream text;
            app.exit(help_or_version, text, text);
            fmt::print("{}", text.str());
        }
        flush_standard_output();
        return 0;
    } catch (const CLI::ParseError& error) {
        return fail(fmt::format("{}; --help lists the options", error.what()), 2);
    } catch (const ConfigError& error) {
        return fail(error.what(), 2);
    } catch (const WrongUsage& error) {
        return fail(error.what(), 2);
    } catch (const Interrupted& interruption) {
        return fail(interruption.what(), 130);
    } catch (const std::bad_alloc&) {
        return fail("out of memory", 1);
    } catch (const std::system_error& error) {
        return fail(std::ferror(stdout) != 0 ? fmt::format("stdout: {}", error.what()) : error.what(), 1);
    } catch (const std::exception& error) {
        return fail(error.what(), 1);
    }
}

}  // namespace

void add_example(CLI::App& app, const std::string& arguments) {
    const CLI::App* const parent = app.get_parent();
    std::string command = tool_command((parent == nullptr ? app : *parent).get_name());
    for (const std::string& word : {parent == nullptr ? "" : app.get_name(), arguments})
        if (!word.empty()) command += " " + word;
    std::string before = app.get_footer();
    // A subcommand begins with the footer of its parent.
    if (parent != nullptr && before == parent->get_footer()) before.clear();
    app.footer(fmt::format("{}{}Example: {}", before, before.empty() ? "" : "\n", command));
}

int run_tool(CLI::App& app, int argc, char** argv, const std::function<void()>& body, const ExitCodes& codes) {
    occupy_closed_streams();
    add_manners(app, codes);
    const int code = parse_and_run(app, argc, argv, body);
    if (code == 130) {
        // So that a shell sees that it was a signal, and a loop in a script ends too.
        std::fflush(nullptr);
        std::signal(SIGINT, SIG_DFL);
        std::raise(SIGINT);
    }
    return code;
}

namespace {

// What OMP_NUM_THREADS says, 0 if that is no number of threads.
std::int64_t threads_of_environment() {
    const char* const variable = std::getenv("OMP_NUM_THREADS");
    const std::string_view text = variable == nullptr ? "" : variable;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    // A list is one number for each level of nesting, the first for the outermost.
    const bool is_number = error == std::errc{} && (end == text.data() + text.size() || *end == ',');
    return is_number ? std::max<std::int64_t>(number, 0) : 0;
}

}  // namespace

int thread_count(std::int64_t asked) {
    const std::int64_t cores = std::max(1u, std::thread::hardware_concurrency()), most = 4 * cores;
    std::int64_t threads = asked != 0 ? asked : threads_of_environment();
    if (threads == 0) threads = cores;
    if (threads > most) {
        log(LogLevel::warning,
            fmt::format("{} threads were asked for, {} compute: more than four a core only wait for each other",
                        threads, most));
        threads = most;
    }
    return static_cast<int>(threads);
}

void add_load_option(CLI::App& app, std::vector<std::string>& libraries) {
    app.add_option("--load", libraries, "Load an extension library: its ops, layers and kernels")
        ->type_name("LIB")
        ->allow_extra_args(false);
}

}  // namespace tapegrad
