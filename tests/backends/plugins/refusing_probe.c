/* Cannot run on any machine, and says why. */
#include "minimal_plugin.h"

static int refuse(const char** reason) {
    *reason = "this machine has no abacus";
    return -1;
}

const tg_backend* tapegrad_backend(void) {
    static tg_backend backend;
    backend = minimal_plugin("refusing_probe");
    backend.probe = refuse;
    return &backend;
}
