// What the figures were taken on.
#pragma once

#include <nlohmann/json.hpp>

#include "autograd/backend.hpp"
#include "tools/common/machine.hpp"

namespace tapegrad {

/// Prints the line that every report begins with: version, processor, cores, threads, and what computes. A second one
/// warns when other programs keep the machine busy.
void print_machine(const Backend& backend);

/// The same as a JSON object, with the system's load average.
nlohmann::json machine_json(const Backend& backend);

}  // namespace tapegrad
