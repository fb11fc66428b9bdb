// Another program, run to its end.
#pragma once

#include <string>
#include <vector>

#include "tools/data/held_signals.hpp"

namespace tapegrad {

enum class ProgramOutput { shown, hidden };

/// Runs words[0], looked for on PATH, with the other words as arguments, and returns its exit code; 127 if there is no
/// such program, 128 + N when signal N ended it. What it prints goes to our stderr. A signal of `held` that comes
/// meanwhile ends the program too, and is then a DataError.
int run_program(const std::vector<std::string>& words, const HeldSignals& held,
                ProgramOutput output = ProgramOutput::shown);

}  // namespace tapegrad
