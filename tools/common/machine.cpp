#include "tools/common/machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <thread>

namespace tapegrad {
namespace {

namespace fs = std::filesystem;

// What follows "KEY ... : " in a file of such lines; empty if there is none.
std::string value_in(const fs::path& file, const std::string& key) {
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t colon = line.find(':');
        if (!line.starts_with(key) || colon == std::string::npos) continue;
        const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
        return begin == std::string::npos ? "" : line.substr(begin);
    }
    return "";
}

// Of a value like "1234 kB".
std::optional<std::int64_t> bytes_in(const fs::path& file, const std::string& key) {
    const std::string value = value_in(file, key);
    if (value.empty()) return std::nullopt;
    return 1024 * std::strtoll(value.c_str(), nullptr, 10);
}

// Nothing for a file that is not there or holds a word, such as "max".
std::optional<std::int64_t> number_in(const fs::path& file) {
    std::int64_t number = 0;
    if (!(std::ifstream(file) >> number)) return std::nullopt;
    return number;
}

// Of a control group: bytes of files that were not used lately.
std::int64_t cached_files(const fs::path& statistics) {
    std::ifstream lines(statistics);
    std::int64_t bytes = 0;
    for (std::string key; lines >> key >> bytes;)
        if (key == "inactive_file") return bytes;
    return 0;
}

}  // namespace

std::string processor_model() {
    const std::string model = value_in("/proc/cpuinfo", "model name");
    return model.empty() ? "unknown processor" : model;
}

int core_count() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

std::int64_t peak_memory() { return bytes_in("/proc/self/status", "VmHWM").value_or(0); }

std::int64_t resident_memory() { return bytes_in("/proc/self/status", "VmRSS").value_or(0); }

std::optional<std::int64_t> available_memory(const fs::path& root) {
    const std::optional<std::int64_t> free = bytes_in(root / "proc/meminfo", "MemAvailable");
    const fs::path group = root / "sys/fs/cgroup";
    const std::optional<std::int64_t> limit = number_in(group / "memory.max");
    if (!limit) return free;
    // What the group holds of files can be given up at any time.
    const std::int64_t used = number_in(group / "memory.current").value_or(0) - cached_files(group / "memory.stat");
    const std::int64_t left = std::max<std::int64_t>(0, *limit - used);
    return std::min(left, free.value_or(left));
}

std::string bytes_text(std::int64_t bytes) {
    if (bytes < 1 << 20) return fmt::format("{:.1f} KiB", static_cast<double>(bytes) / 1024);
    const double mebibytes = static_cast<double>(bytes) / (1 << 20);
    return mebibytes < 1024 ? fmt::format("{:.1f} MiB", mebibytes) : fmt::format("{:.2f} GiB", mebibytes / 1024);
}

}  // namespace tapegrad
