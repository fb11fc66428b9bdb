#include "tools/common/standard_output.hpp"

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "autograd/errors.hpp"

namespace tapegrad {

void flush_standard_output() {
    errno = 0;
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
    throw DataError("stdout", "one that can be written to",
                    errno != 0 ? std::generic_category().message(errno) : "an error while writing",
                    "Look where it leads to, and the free space there");
}

}  // namespace tapegrad
