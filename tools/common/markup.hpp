// Text within HTML and SVG.
#pragma once

#include <string>
#include <string_view>

namespace tapegrad {

/// `text` as the content of an element or a quoted attribute of HTML or XML. Control characters, which XML forbids,
/// become spaces.
std::string markup_text(std::string_view text);

}  // namespace tapegrad
