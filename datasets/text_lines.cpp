#include "datasets/text_lines.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tapegrad {

LineReader::LineReader(const std::filesystem::path& file, std::string_view text) : file_(file.string()), rest_(text) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (rest_.starts_with(byte_order_mark)) rest_.remove_prefix(byte_order_mark.size());
}

bool LineReader::next() {
    while (!rest_.empty()) {
        const std::size_t end = std::min(rest_.find('\n'), rest_.size());
        line_ = rest_.substr(0, end);
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        ++number_;
        if (line_.ends_with('\r')) line_.remove_suffix(1);
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

std::string quote(std::string_view text) {
    constexpr std::size_t longest = 80;
    std::string beginning(text.substr(0, longest));
    std::replace_if(
        beginning.begin(), beginning.end(), [](unsigned char c) { return c < ' ' || c == 127; }, ' ');
    return fmt::format("'{}{}'", beginning, text.size() > longest ? "..." : "");
}

}  // namespace tapegrad
