#include "datasets/text_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace tapegrad {

LineReader::LineReader(const std::filesystem::path& file, std::string_view text) : file_(file.string()), rest_(text) {
    while (rest_.starts_with(byte_order_mark)) rest_.remove_prefix(byte_order_mark.size());
}

bool LineReader::next() {
    while (!rest_.empty()) {
        const std::size_t end = std::min(rest_.find('\n'), rest_.size());
        line_ = rest_.substr(0, end);
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        ++number_;
        if (line_.ends_with('\r')) line_.remove_suffix(1);
        if (!is_utf8(line_))
            throw DataError(where(), "text in UTF-8", "another encoding",
                            "Convert the file, from Latin-1 by `iconv -f latin1 -t utf-8`");
        if (line_.find('\r') != std::string_view::npos)
            throw DataError(where(), "lines that end with LF or CRLF", "a CR amid a line",
                            "Convert the file by `tr '\\r' '\\n'`");
        if (!line_.empty()) return true;
    }
    line_ = {};
    return false;
}

std::string LineReader::where() const { return fmt::format("{}:{}", file_, number_); }

std::vector<std::string_view> split(std::string_view text, std::string_view separators, bool merge) {
    std::vector<std::string_view> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find_first_of(separators, begin), text.size());
        if (!merge || end > begin) parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

bool is_utf8(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    for (std::size_t begin = 0, length = 1; begin < text.size(); begin += length) {
        // As many leading ones as the character has bytes; none in ASCII.
        const int ones = std::countl_one(byte(begin));
        length = ones == 0 ? 1 : static_cast<std::size_t>(ones);
        if (ones == 0) continue;
        if (ones == 1 || ones > 4 || length > text.size() - begin) return false;
        std::uint32_t character = byte(begin) & (0x7FU >> ones);
        for (std::size_t i = begin + 1; i < begin + length; ++i) {
            if ((byte(i) & 0xC0) != 0x80) return false;
            character = character << 6 | (byte(i) & 0x3FU);
        }
        constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
        const bool is_surrogate = character >= 0xD800 && character < 0xE000;
        if (character < least[length] || character > 0x10FFFF || is_surrogate) return false;
    }
    return true;
}

std::string quote(std::string_view text) {
    constexpr std::size_t longest = 80;
    return fmt::format("'{}{}'", printable(text.substr(0, longest)), text.size() > longest ? "..." : "");
}

}  // namespace tapegrad
