// Work in processes of its own: what crashes there ends nothing but itself.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace tapegrad {

/// How a process ended: an empty error if its work was done.
struct ChildOutcome {
    std::string error;
    bool interrupted = false;
    bool wrong_usage = false;  ///< the error is a ConfigError or WrongUsage
};

/// Calls `work(i)` for i below `count`, each in a forked process, at most `at_once` at a time; `finished(i, outcome)`
/// is called in this process, in the order in which they end. Once `interrupted()`, no more are begun, and those that
/// run get a SIGTERM and are waited for. What `work` throws is the outcome's error. Where the system gives no further
/// process, one of those that run is waited for; if none runs, that is the outcome's error. To be called by a process
/// with a single thread.
void run_in_children(std::size_t count, int at_once, const std::function<void(std::size_t)>& work,
                     const std::function<void(std::size_t, const ChildOutcome&)>& finished);

}  // namespace tapegrad
