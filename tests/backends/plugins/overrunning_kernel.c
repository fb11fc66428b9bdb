/* Its kernel add for f32 is right, but writes one element past its output. */
#include "minimal_plugin.h"

static int overrun(tg_context* context, tg_call* call) {
    const float* a = (const float*)call->inputs[0].data;
    const float* b = (const float*)call->inputs[1].data;
    float* y = (float*)call->outputs[0].data;
    const int64_t size = call->outputs[0].size;
    (void)context;
    for (int64_t i = 0; i < size; ++i)
        y[i] = a[call->inputs[0].size == 1 ? 0 : i] + b[call->inputs[1].size == 1 ? 0 : i];
    y[size] = 1;
    return TG_OK;
}

static tg_kernel overrunning(const char* name, tg_dtype dtype) {
    return strcmp(name, "add") == 0 && dtype == TG_F32 ? overrun : minimal_kernel(name, dtype);
}

const tg_backend* tapegrad_backend(void) {
    static tg_backend backend;
    backend = minimal_plugin("overrunning_kernel");
    backend.kernel = overrunning;
    return &backend;
}
