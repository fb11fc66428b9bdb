// Time to tidy up when somebody presses Ctrl-C.
#pragma once

#include <csignal>

namespace tapegrad {

/// While it lives, SIGINT, SIGTERM and SIGHUP wait. They take effect, normally ending the process, when it goes; so
/// what was made after it has been tidied up by then.
class HeldSignals {
public:
    HeldSignals();
    ~HeldSignals();
    HeldSignals(const HeldSignals&) = delete;
    HeldSignals& operator=(const HeldSignals&) = delete;

    /// Is one of them waiting?
    static bool any_waits();

    /// What the process let through before: for a program that it starts.
    const sigset_t& mask_before() const { return before_; }

private:
    sigset_t before_;
};

}  // namespace tapegrad
