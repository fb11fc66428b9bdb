#include "tools/common/output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "tools/common/standard_output.hpp"

namespace tapegrad {

std::string Table::text() const {
    std::vector<std::size_t> widths(rows_.front().size());
    for (const auto& row : rows_)
        for (std::size_t column = 0; column < row.size(); ++column)
            widths[column] = std::max(widths[column], row[column].size());
    std::string text;
    for (const auto& row : rows_) {
        std::string line = fmt::format("{:<{}}", row[0], widths[0]);
        for (std::size_t column = 1; column < row.size(); ++column)
            line += fmt::format("  {:>{}}", row[column], widths[column]);
        text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return text;
}

void print_line(const std::string& line) {
    fmt::print("{}\n", line);
    flush_standard_output();
}

void check_json_file(const std::string& file) { check_output_file("--json", file); }

void check_output_file(const std::string& option, const std::string& file) {
    if (file.empty()) return;
    const std::filesystem::path path = std::filesystem::absolute(file);
    std::error_code error;
    if (!std::filesystem::is_directory(path.parent_path(), error) ||
        (std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error)))
        throw ConfigError(fmt::format("{} {}", option, file), "a file in a folder that exists",
                          "a place that cannot hold one", "Make the folder or choose another");
}

void write_output(const std::string& file, const std::string& text) {
    if (!file.empty()) return write_file(file, text);
    errno = 0;
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
        throw DataError("stdout", fmt::format("room for {} bytes", text.size()), std::generic_category().message(errno),
                        "Check where it leads, or give --out FILE");
}

void write_json(const std::string& file, const nlohmann::json& report) {
    if (file.empty()) return;
    // What other programs print need not be UTF-8.
    write_file(file, report.dump(4, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

}  // namespace tapegrad
