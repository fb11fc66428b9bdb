// Text that others wrote, made fit for a terminal, which obeys control characters.
#pragma once

#include <string>
#include <string_view>

namespace tapegrad {

/// `text` with a space for each control character.
std::string printable(std::string_view text);

/// The same, but line ends stay.
std::string printable_lines(std::string_view text);

}  // namespace tapegrad
