#include "tools/common/tool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <string_view>
#include <thread>

#include "autograd/errors.hpp"
#include "autograd/version.hpp"

namespace tapegrad {

int run_tool(CLI::App& app, int argc, char** argv, const std::function<void()>& body) {
    const auto fail = [&](const char* message, int code) {
        std::fflush(stdout);
        fmt::print(stderr, "{}: {}\n", app.get_name(), message);
        return code;
    };
    app.set_version_flag("--version", fmt::format("tapegrad {}", version));
    try {
        app.parse(argc, argv);
        body();
        return 0;
    } catch (const CLI::Success& help_or_version) {
        return app.exit(help_or_version);
    } catch (const CLI::ParseError& error) {
        return fail(fmt::format("{}; --help lists the options", error.what()).c_str(), 2);
    } catch (const ConfigError& error) {
        return fail(error.what(), 2);
    } catch (const std::bad_alloc&) {
        return fail("out of memory", 1);
    } catch (const std::exception& error) {
        return fail(error.what(), 1);
    }
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
        fmt::print(stderr, "{} threads were asked for, {} compute: more than four a core only wait for each other\n",
                   threads, most);
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
