#include "tools/common/interruption.hpp"

#include <csignal>
#include <initializer_list>

namespace tapegrad {
namespace {

// A signal belongs to the process, and its handler can reach nothing else.
volatile std::sig_atomic_t noted = 0;

}  // namespace

void note_interruptions() {
    struct sigaction action = {};
    action.sa_handler = [](int) { noted = 1; };
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
    for (const int signal : {SIGINT, SIGTERM}) sigaction(signal, &action, nullptr);
}

bool interrupted() { return noted != 0; }

}  // namespace tapegrad
