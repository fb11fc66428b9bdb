/* Compiled as strict C99: backend_abi.h is plain C, and a plugin can be written in it. */
#include "backends/backend_abi.h"

struct tg_context {
    char last_error[64];
};

const tg_backend* abi_c99_backend(void);

static int add_one_to_first(tg_context* context, tg_call* call) {
    const tg_array* x = call->inputs;
    const tg_array* y = call->outputs;
    if (x->dtype != TG_F32 || x->size < 1) {
        context->last_error[0] = '\0';
        return TG_FAILED;
    }
    ((float*)y->data)[0] = ((const float*)x->data)[0] + 1.0f;
    return TG_OK;
}

static tg_kernel kernel(const char* name, tg_dtype dtype) {
    return name[0] == 'a' && dtype == TG_F32 ? add_one_to_first : NULL;
}

const tg_backend* abi_c99_backend(void) {
    static tg_backend backend;
    backend.abi_version = TG_ABI_VERSION;
    backend.struct_size = (uint32_t)sizeof(tg_backend);
    backend.kernel = kernel;
    return &backend;
}

tg_entry_point abi_c99_entry_point = abi_c99_backend;
const char* abi_c99_symbol = TG_ENTRY_POINT;
