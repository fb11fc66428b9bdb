#include "tools/common/log.hpp"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <string_view>

namespace tapegrad {
namespace {

constexpr std::array<std::string_view, 3> level_names{"error", "warning", "info"};

// State of the process, as stderr is: handed down as an argument it would pass through every function that may warn.
std::atomic<LogLevel>& process_level() {
    static std::atomic<LogLevel> level = LogLevel::info;
    return level;
}

LogLevel level_of(std::string_view name) {
    std::size_t level = 0;
    while (level_names[level] != name) ++level;
    return static_cast<LogLevel>(level);
}

}  // namespace

void set_log_level(LogLevel level) { process_level() = level; }

bool logs(LogLevel level) { return level <= process_level(); }

void log(LogLevel level, const std::string& message) {
    if (!logs(level)) return;
    const std::string kind =
        level == LogLevel::info ? "" : fmt::format("{}: ", level_names[static_cast<std::size_t>(level)]);
    const std::string line = fmt::format("tapegrad: {}{}\n", kind, message);
    // In one piece. That it cannot be written, as to a stderr that is closed, is no reason to stop.
    std::fwrite(line.data(), 1, line.size(), stderr);
}

void add_log_options(CLI::App& app) {
    if (app.get_option_no_throw("--log-level") == nullptr) {
        const auto set_by_name = [](const std::string& name) { set_log_level(level_of(name)); };
        app.add_option_function<std::string>("--log-level", set_by_name, "How much is said on stderr")
            ->type_name("LEVEL")
            ->check(CLI::IsMember({"error", "warning", "info"}))
            ->default_str("info");
    }
    // After --log-level, so that it counts where both are given.
    if (app.get_option_no_throw("--quiet") == nullptr)
        app.add_flag_callback(
            "--quiet", [] { set_log_level(LogLevel::error); }, "Say nothing on stderr but errors");
}

}  // namespace tapegrad
