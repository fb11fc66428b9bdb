/* Everything but matmul. */
#include "minimal_plugin.h"

static tg_kernel all_but_matmul(const char* name, tg_dtype dtype) {
    return strcmp(name, "matmul") == 0 ? NULL : minimal_kernel(name, dtype);
}

const tg_backend* tapegrad_backend(void) {
    static tg_backend backend;
    backend = minimal_plugin("missing_kernel");
    backend.kernel = all_but_matmul;
    return &backend;
}
