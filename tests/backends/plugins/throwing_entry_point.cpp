// Lets something that is not even an exception out of its entry point.
#include "minimal_plugin.h"

const tg_backend* tapegrad_backend() {
    static const tg_backend backend = minimal_plugin("throwing_entry_point");
    if (backend.abi_version == TG_ABI_VERSION) throw 1;
    return &backend;
}
