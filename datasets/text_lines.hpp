// Line by line through a text file, always knowing where we are.
#pragma once

#include <charconv>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/errors.hpp"
#include "autograd/printable.hpp"

namespace tapegrad {

/// What some editors write at the beginning of a file.
inline constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// Walks through the lines of a text that outlives it. Empty lines are skipped; lines end with LF or CRLF, the last
/// one also with the text. Byte order marks at the beginning are no part of the first line.
class LineReader {
public:
    LineReader(const std::filesystem::path& file, std::string_view text);

    /// Moves to the next line that is not empty; false at the end. Throws DataError for a line that is not UTF-8 and
    /// for a CR that ends none.
    bool next();

    std::string_view line() const { return line_; }

    /// "FILE:LINE", to start a message with.
    std::string where() const;

private:
    std::string file_;
    std::string_view rest_;
    std::string_view line_;
    std::size_t number_ = 0;
};

/// The parts of `text` between the single characters of `separators`. With `merge`, separators that touch count as
/// one, and those at either end as none.
std::vector<std::string_view> split(std::string_view text, std::string_view separators, bool merge = false);

/// Is `text` UTF-8 as RFC 3629 has it?
bool is_utf8(std::string_view text);

/// The beginning of `text` between single quotes, printable: fit for a message.
std::string quote(std::string_view text);

/// `text` as a number, all of it. Throws DataError that calls it `what`. Infinity and NaN are numbers here.
template <class Number>
Number parse_number(std::string_view text, const std::string& what, const LineReader& lines) {
    Number number{};
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stopped != end)
        throw DataError(lines.where(), what, quote(text), "Write a plain number that fits 32 bits");
    return number;
}

}  // namespace tapegrad
