// Commands that a person is to copy.
#pragma once

#include <string>

namespace tapegrad {

/// `text` as a shell takes it for one word: in single quotes where it has to be.
std::string shell_word(const std::string& text);

}  // namespace tapegrad
