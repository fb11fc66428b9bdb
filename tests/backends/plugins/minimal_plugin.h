/* A plugin that the loader accepts and that computes nothing: its kernels succeed and leave their outputs as they
 * were. Each plugin in this folder is this one with a single thing wrong. C11, or C++20. */
#ifndef TAPEGRAD_TESTS_MINIMAL_PLUGIN_H
#define TAPEGRAD_TESTS_MINIMAL_PLUGIN_H

#include <stdlib.h>
#include <string.h>

#include "backends/backend_abi.h"

/* Exported even where the build hides symbols by default. */
#ifdef __cplusplus
extern "C"
#endif
    __attribute__((visibility("default"))) const tg_backend*
    tapegrad_backend(void);

struct tg_context {
    int threads;
};

static int minimal_probe(const char** reason) {
    (void)reason;
    return 0;
}

static int minimal_open(int threads, tg_context** context) {
    *context = (tg_context*)malloc(sizeof(tg_context));
    if (*context == NULL) return TG_FAILED;
    (*context)->threads = threads;
    return TG_OK;
}

static void minimal_close(tg_context* context) { free(context); }

static void* minimal_alloc(tg_context* context, size_t bytes) {
    (void)context;
    return aligned_alloc(64, (bytes + 63) / 64 * 64);
}

static void minimal_free(tg_context* context, void* memory) {
    (void)context;
    free(memory);
}

static int minimal_copy(tg_context* context, void* to, const void* from, size_t bytes) {
    (void)context;
    if (bytes > 0) memcpy(to, from, bytes);
    return TG_OK;
}

static int minimal_sync(tg_context* context) {
    (void)context;
    return TG_OK;
}

static const char* minimal_last_error(tg_context* context) {
    (void)context;
    return "no error";
}

static int minimal_compute(tg_context* context, tg_call* call) {
    (void)context;
    (void)call;
    return TG_OK;
}

static const char* minimal_describe(tg_context* context) {
    (void)context;
    return "nothing";
}

static tg_kernel minimal_kernel(const char* name, tg_dtype dtype) {
    static const char* const mandatory[] = {"fill",   "strided_copy", "cast",        "add",         "mul",
                                            "div",    "maximum",      "greater",     "pow",         "where",
                                            "exp",    "expm1",        "log",         "log1p",       "sqrt",
                                            "tanh",   "erf",          "reduce_sum",  "reduce_max",  "matmul",
                                            "gather", "scatter_sum",  "scatter_max", "random_mask", "masked_scale"};
    (void)dtype;
    for (size_t i = 0; i < sizeof(mandatory) / sizeof(mandatory[0]); ++i)
        if (strcmp(name, mandatory[i]) == 0) return minimal_compute;
    return NULL;
}

static tg_backend minimal_plugin(const char* name) {
    const tg_backend backend = {
        .abi_version = TG_ABI_VERSION,
        .struct_size = (uint32_t)sizeof(tg_backend),
        .name = name,
        .version = "0",
        .probe = minimal_probe,
        .open = minimal_open,
        .close = minimal_close,
        .alloc = minimal_alloc,
        .free = minimal_free,
        .upload = minimal_copy,
        .download = minimal_copy,
        .sync = minimal_sync,
        .last_error = minimal_last_error,
        .describe = minimal_describe,
        .kernel = minimal_kernel,
    };
    return backend;
}

#endif
