// What tools print and write.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace tapegrad {

/// A table for the screen: the first column begins at the left, all others end at the right.
class Table {
public:
    explicit Table(std::vector<std::string> header) : rows_{std::move(header)} {}
    /// Adds a row of as many cells as the header has.
    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    std::string text() const;

private:
    std::vector<std::vector<std::string>> rows_;
};

/// Prints a line at once, so that a long benchmark is seen to move. Throws DataError when stdout does not take it.
void print_line(const std::string& line);

/// Throws ConfigError, before anything is computed, unless `file` is empty, which stands for stdout, or names a regular
/// file or nothing yet in a folder that exists. `option` begins the message.
void check_output_file(const std::string& option, const std::string& file);
/// The same for the file of --json.
void check_json_file(const std::string& file);
/// Writes to a file, which then holds all of it or what it held before, or to stdout if `file` is empty. Throws
/// DataError when that fails.
void write_output(const std::string& file, const std::string& text);

/// Writes `report` unless `file` is empty; bytes that are not UTF-8 become U+FFFD.
void write_json(const std::string& file, const nlohmann::json& report);

}  // namespace tapegrad
