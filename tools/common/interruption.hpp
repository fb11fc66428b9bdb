// Ctrl-C, seen by a loop that wants to end in order.
#pragma once

#include <stdexcept>

namespace tapegrad {

/// Ends a tool with exit code 130.
class Interrupted : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// From now on the first SIGINT or SIGTERM is only noted; the second one ends the process as usual.
void note_interruptions();
/// Whether one was noted.
bool interrupted();

}  // namespace tapegrad
