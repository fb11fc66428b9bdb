// Ctrl-C, seen by a loop that wants to end in order.
#pragma once

namespace tapegrad {

/// From now on the first SIGINT or SIGTERM is only noted; the second one ends the process as usual.
void note_interruptions();
/// Whether one was noted; the loop then throws Interrupted (tool.hpp).
bool interrupted();

}  // namespace tapegrad
