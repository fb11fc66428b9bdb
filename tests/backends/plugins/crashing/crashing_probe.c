/* Takes the process that probes it down. */
#include "../minimal_plugin.h"

static int crash(const char** reason) {
    (void)reason;
    abort();
}

const tg_backend* tapegrad_backend(void) {
    static tg_backend backend;
    backend = minimal_plugin("crashing_probe");
    backend.probe = crash;
    return &backend;
}
