/* Another plugin with a fault planted into one of its kernels, to see whether check-backend finds it.
 * $TAPEGRAD_PLANT_IN is the file of the other plugin, $TAPEGRAD_PLANT the fault: "KERNEL FAULT". C11. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backends/backend_abi.h"

__attribute__((visibility("default"))) const tg_backend* tapegrad_backend(void);

static const tg_backend* inside;
static char kernel_name[64], fault[64];
static tg_kernel right[3]; /* the kernel as it should be, by dtype */

static int is_fault(const char* name) { return strcmp(fault, name) == 0; }

static size_t element_size(const tg_array* array) { return array->dtype == TG_F64 ? 8 : 4; }

/* Changes element i. */
static void negate(const tg_array* y, int64_t i) {
    if (y->dtype == TG_F32)
        ((float*)y->data)[i] = -((float*)y->data)[i];
    else if (y->dtype == TG_F64)
        ((double*)y->data)[i] = -((double*)y->data)[i];
    else
        ((int32_t*)y->data)[i] = ~((int32_t*)y->data)[i];
}

/* The fourth digit of element i is wrong. */
static void lose_digits(const tg_array* y, int64_t i) {
    if (y->dtype == TG_F32)
        ((float*)y->data)[i] *= 1.0003f;
    else if (y->dtype == TG_F64)
        ((double*)y->data)[i] *= 1.0003;
    else
        ((int32_t*)y->data)[i] ^= 8;
}

/* Nothing comes of small results, or something else of large arguments, as of functions that were made for the middle.
 */
static void spoil_ends(const tg_call* call) {
    const tg_array *x = &call->inputs[0], *y = &call->outputs[0];
    for (int64_t i = 0; x->size == y->size && i < y->size; ++i) {
        const double from = y->dtype == TG_F32 ? ((float*)x->data)[i] : ((double*)x->data)[i];
        const double to = y->dtype == TG_F32 ? ((float*)y->data)[i] : ((double*)y->data)[i];
        const int is_small = is_fault("small") && to < 1e-4 && to > -1e-4;
        const double value = is_small ? 0 : is_fault("large") && from > 1e6 && from < 1e31 ? 0.75 : to;
        if (y->dtype == TG_F32)
            ((float*)y->data)[i] = (float)value;
        else
            ((double*)y->data)[i] = value;
    }
}

/* One that is not also an output. */
static const tg_array* first_pure_input(const tg_call* call) {
    for (int32_t i = 0; i < call->input_count; ++i) {
        int is_output = call->inputs[i].size == 0;
        for (int32_t k = 0; k < call->output_count; ++k) is_output |= call->outputs[k].data == call->inputs[i].data;
        if (!is_output) return &call->inputs[i];
    }
    return NULL;
}

/* The same call from another thread of the host. */
struct second {
    tg_context* context;
    tg_call* call;
    tg_kernel kernel;
};

static void* call_again(void* argument) {
    const struct second* second = argument;
    second->kernel(second->context, second->call);
    return NULL;
}

/* Two threads write one output at once: every element is right all the same. */
static int race(tg_context* context, tg_call* call, tg_kernel kernel) {
    tg_call copy = *call;
    struct second second = {context, &copy, kernel};
    pthread_t thread;
    int status;
    if (pthread_create(&thread, NULL, call_again, &second) != 0) return TG_FAILED;
    status = kernel(context, call);
    pthread_join(thread, NULL);
    return status;
}

static int faulty(tg_context* context, tg_call* call, tg_kernel kernel) {
    static int calls;
    const tg_array* y = &call->outputs[0];
    char* const end = (char*)y->data + (size_t)y->size * element_size(y);
    const int is_large = y->size > 20 || (call->input_count > 0 && call->inputs[0].size > 20);
    const int64_t width = y->rank > 0 ? y->shape[y->rank - 1] : 1;
    const size_t row = (size_t)(width < y->size ? width : y->size) * element_size(y);
    char* before = NULL;
    int status;

    if (is_fault("unwritten")) return TG_OK;
    if (is_fault("error") && is_large) return TG_FAILED;
    if (is_fault("hang") && is_large) pause();
    if (is_fault("crash") && is_large) abort();
    if (is_fault("last_row") && row > 0) {
        before = malloc(row);
        memcpy(before, end - row, row);
    }
    status = is_fault("race") ? race(context, call, kernel) : kernel(context, call);
    if (status == TG_OK && y->size > 0) {
        if (is_fault("small") || is_fault("large")) spoil_ends(call);
        if (is_fault("sign")) negate(y, y->size / 2);
        if (is_fault("digits")) lose_digits(y, y->size / 3);
        if (is_fault("tail") && y->size % 8 > 1)
            memcpy(end - element_size(y), end - 2 * element_size(y), element_size(y));
        if (before != NULL) memcpy(end - row, before, row);
        if (is_fault("overrun")) memset(end, 0, element_size(y));
        if (is_fault("underrun")) memset((char*)y->data - element_size(y), 0, element_size(y));
        if (is_fault("input")) {
            const tg_array* x = first_pure_input(call);
            if (x != NULL) memset(x->data, 1, 4);
        }
        if (is_fault("order") && ++calls % 2 == 0) negate(y, 0);
    }
    free(before);
    return status;
}

static int faulty_f32(tg_context* context, tg_call* call) { return faulty(context, call, right[TG_F32]); }
static int faulty_f64(tg_context* context, tg_call* call) { return faulty(context, call, right[TG_F64]); }
static int faulty_i32(tg_context* context, tg_call* call) { return faulty(context, call, right[TG_I32]); }

static tg_kernel kernel(const char* name, tg_dtype dtype) {
    static const tg_kernel of_dtype[] = {faulty_f32, faulty_f64, faulty_i32};
    const tg_kernel found = inside->kernel(name, dtype);
    if (found == NULL || strcmp(name, kernel_name) != 0) return found;
    if (is_fault("missing")) return NULL;
    right[dtype] = found;
    return of_dtype[dtype];
}

static int probe(const char** reason) {
    *reason = "the other plugin has no kernel of that name";
    for (int dtype = 0; dtype < 3; ++dtype)
        if (inside->kernel(kernel_name, (tg_dtype)dtype) != NULL) return 0;
    return -1;
}

const tg_backend* tapegrad_backend(void) {
    static tg_backend backend;
    const char *file = getenv("TAPEGRAD_PLANT_IN"), *plant = getenv("TAPEGRAD_PLANT");
    void* library = file == NULL ? NULL : dlopen(file, RTLD_NOW | RTLD_LOCAL);
    tg_entry_point entry = NULL;
    if (library != NULL) *(void**)&entry = dlsym(library, TG_ENTRY_POINT);
    if (entry == NULL || plant == NULL || sscanf(plant, "%63s %63s", kernel_name, fault) != 2) return NULL;
    inside = entry();
    backend = *inside;
    backend.name = "planted";
    backend.probe = probe;
    backend.kernel = kernel;
    return &backend;
}
