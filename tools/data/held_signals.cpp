#include "tools/data/held_signals.hpp"

#include <algorithm>
#include <array>

namespace tapegrad {
namespace {

constexpr std::array held{SIGINT, SIGTERM, SIGHUP};

}  // namespace

HeldSignals::HeldSignals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : held) sigaddset(&set, signal);
    pthread_sigmask(SIG_BLOCK, &set, &before_);
}

HeldSignals::~HeldSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

bool HeldSignals::any_waits() {
    sigset_t waiting;
    sigpending(&waiting);
    return std::ranges::any_of(held, [&](int signal) { return sigismember(&waiting, signal) == 1; });
}

}  // namespace tapegrad
