// Whether a document that a program writes is what the program would write now.
#pragma once

#include <string>

namespace tapegrad {

/// Throws DataError with the first line of `found` that is not as in `wanted`; `command` writes `file` anew.
void check_up_to_date(const std::string& file, const std::string& found, const std::string& wanted,
                      const std::string& command);

}  // namespace tapegrad
