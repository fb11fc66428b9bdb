/* Built for the next major version of the header. */
#include "minimal_plugin.h"

const tg_backend* tapegrad_backend(void) {
    static tg_backend backend;
    backend = minimal_plugin("wrong_abi");
    backend.abi_version = (TG_ABI_MAJOR + 1) << 16;
    return &backend;
}
