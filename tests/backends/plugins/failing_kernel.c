/* Loads and opens well; then every kernel fails. */
#include "minimal_plugin.h"

static int fail(tg_context* context, tg_call* call) {
    (void)context;
    (void)call;
    return TG_FAILED;
}

static tg_kernel failing(const char* name, tg_dtype dtype) { return minimal_kernel(name, dtype) != NULL ? fail : NULL; }

static const char* last_error(tg_context* context) {
    (void)context;
    return "the abacus lost a bead";
}

const tg_backend* tapegrad_backend(void) {
    static tg_backend backend;
    backend = minimal_plugin("failing_kernel");
    backend.kernel = failing;
    backend.last_error = last_error;
    return &backend;
}
