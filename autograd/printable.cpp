#include "autograd/printable.hpp"

namespace tapegrad {
namespace {

std::string without_controls(std::string_view text, bool keep_line_ends) {
    std::string result(text);
    for (std::size_t i = 0; i < result.size(); ++i) {
        const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(result[at]); };
        if (keep_line_ends && result[i] == '\n') continue;
        if (byte(i) < ' ' || byte(i) == 0x7F) result[i] = ' ';
        // U+0080 to U+009F, of which some terminals obey U+009B as they do ESC [
        if (byte(i) == 0xC2 && i + 1 < result.size() && byte(i + 1) < 0xA0) result.replace(i, 2, " ");
    }
    return result;
}

}  // namespace

std::string printable(std::string_view text) { return without_controls(text, false); }
std::string printable_lines(std::string_view text) { return without_controls(text, true); }

}  // namespace tapegrad
