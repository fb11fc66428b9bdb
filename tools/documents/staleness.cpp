#include "tools/documents/staleness.hpp"

#include <fmt/format.h>

#include <sstream>

#include "autograd/errors.hpp"

namespace tapegrad {

void check_up_to_date(const std::string& file, const std::string& found, const std::string& wanted,
                      const std::string& command) {
    std::istringstream found_lines(found), wanted_lines(wanted);
    std::string found_line, wanted_line;
    for (int number = 1; found != wanted; ++number) {
        const bool found_one = bool(std::getline(found_lines, found_line)),
                   wanted_one = bool(std::getline(wanted_lines, wanted_line));
        // Two that differ may still have the same lines: the last one may lack its end.
        if (found_one && wanted_one && found_line == wanted_line) continue;
        throw DataError(fmt::format("{}, line {}", file, number),
                        wanted_one ? "\"" + wanted_line + "\"" : "the end of the file",
                        found_one ? "\"" + found_line + "\"" : "the end of the file", "It is stale; run " + command);
    }
}

}  // namespace tapegrad
