/* The right version, but a table that ends before its last entry. */
#include "minimal_plugin.h"

const tg_backend* tapegrad_backend(void) {
    static tg_backend backend;
    backend = minimal_plugin("short_struct");
    backend.struct_size = (uint32_t)offsetof(tg_backend, kernel);
    return &backend;
}
