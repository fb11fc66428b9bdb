// Work that may crash or hang, done in child processes.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tools/conformance/report.hpp"

namespace tapegrad {

/// A piece of work: what it returns travels back to the parent.
using ChildJob = std::function<nlohmann::json(const Progress& progress)>;

/// What became of it.
struct ChildResult {
    nlohmann::json value;  ///< null when it did not end well
    std::string failure;   ///< "", or "crashed with signal 11 (Segmentation fault) at op add, f32 [3]"
};

/// Runs each job in a child process of its own, `at_once` of them at a time, and stops one that needs more than
/// `seconds`. Call it before this process has threads or has opened a backend: a child begins as a copy of it.
std::vector<ChildResult> run_in_children(const std::vector<ChildJob>& jobs, int at_once, unsigned seconds);
/// The same for one.
ChildResult run_in_child(const ChildJob& job, unsigned seconds);

}  // namespace tapegrad
