#include "tools/common/tool.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <new>

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

}  // namespace tapegrad
