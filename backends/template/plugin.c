/* A backend to begin with: it loads and opens, moves memory, and has one kernel of those that backend_abi.h demands.
 * README.md beside this file says how to go on. */
#define _POSIX_C_SOURCE 200112L /* posix_memalign */

#include <stdlib.h>
#include <string.h>

#include "backends/backend_abi.h"

/* The NAME in libtapegrad_backend_NAME.so: change it first. */
static const char name[] = "template";

/* What one opened backend keeps: streams, handles, thread pools come in here. */
struct tg_context {
    const char* last_error;
};

static int fail(tg_context* context, const char* reason) {
    context->last_error = reason;
    return TG_FAILED;
}

/* y[i] = value. A kernel reads its operands from call->inputs, call->integers and call->reals, in the order of the
 * table in backend_abi.h, and writes call->outputs; the engine checked shapes and dtypes before. */
static int fill_f32(tg_context* context, tg_call* call) {
    float* y = call->outputs[0].data;
    const float value = (float)call->reals[0];
    (void)context; /* where something can go wrong: return fail(context, "why"); */
    for (int64_t i = 0; i < call->outputs[0].size; ++i) y[i] = value;
    return TG_OK;
}

/* Every kernel that this backend has. Fused ops ("elu", "graph_attention", ...) may follow the mandatory ones. */
static const struct {
    const char* name;
    tg_dtype dtype;
    tg_kernel function;
} kernels[] = {
    {"fill", TG_F32, fill_f32},
};

static tg_kernel kernel(const char* wanted, tg_dtype dtype) {
    for (size_t i = 0; i < sizeof kernels / sizeof kernels[0]; ++i)
        if (kernels[i].dtype == dtype && strcmp(kernels[i].name, wanted) == 0) return kernels[i].function;
    return NULL;
}

/* Where the machine lacks what this backend needs: *reason = "why"; return -1. The best score of all is "auto". */
static int probe(const char** reason) {
    (void)reason;
    return 0;
}

static int open(int threads, tg_context** context) {
    *context = threads < 1 ? NULL : malloc(sizeof **context);
    if (*context == NULL) return TG_FAILED;
    (*context)->last_error = "";
    return TG_OK;
}

static void close(tg_context* context) { free(context); }

static void* allocate(tg_context* context, size_t bytes) {
    void* memory = NULL;
    if (posix_memalign(&memory, 64, bytes) == 0) return memory;
    fail(context, "out of memory");
    return NULL;
}

static void release(tg_context* context, void* memory) {
    (void)context;
    free(memory);
}

/* To and from the host. A backend with memory of its own has two functions here. */
static int copy(tg_context* context, void* to, const void* from, size_t bytes) {
    (void)context;
    if (bytes > 0) memcpy(to, from, bytes);
    return TG_OK;
}

/* Waits until all calls are done; here each is done when it returns. */
static int sync(tg_context* context) {
    (void)context;
    return TG_OK;
}

static const char* last_error(tg_context* context) {
    return context != NULL ? context->last_error : "no memory for a context, or fewer threads than 1";
}

static const char* describe(tg_context* context) {
    (void)context;
    return "a copy of backends/template";
}

const tg_backend* tapegrad_backend(void) {
    static const tg_backend backend = {
        .abi_version = TG_ABI_VERSION,
        .struct_size = sizeof(tg_backend),
        .name = name,
        .version = "0",
        .probe = probe,
        .open = open,
        .close = close,
        .alloc = allocate,
        .free = release,
        .upload = copy,
        .download = copy,
        .sync = sync,
        .last_error = last_error,
        .describe = describe,
        .kernel = kernel,
    };
    return &backend;
}
