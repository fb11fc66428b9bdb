#include "tools/common/markup.hpp"

namespace tapegrad {

std::string markup_text(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        switch (c) {
            case '<':
                escaped += "&lt;";
                break;
            case '>':
                escaped += "&gt;";
                break;
            case '&':
                escaped += "&amp;";
                break;
            case '"':
                escaped += "&quot;";
                break;
            default:
                escaped += static_cast<unsigned char>(c) < ' ' ? ' ' : c;  // no other is allowed in XML
        }
    }
    return escaped;
}

}  // namespace tapegrad
