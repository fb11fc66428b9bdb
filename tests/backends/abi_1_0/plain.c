/* A whole backend in plain C99: the mandatory kernels of backend_abi.h, on one thread, in the host's memory.
 *
 * One idea keeps it short: every element is read as a double and written from a double, whatever its dtype. A double
 * holds every f32 and every i32, and a sum, product, quotient or root of two f32 that is rounded to double and then to
 * f32 is the same as one rounded to f32 at once. So there is one piece of code for all dtypes, and sums of f32 come out
 * better than f32 could add them. */
#define _POSIX_C_SOURCE 200112L /* posix_memalign */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backends/backend_abi.h"

struct tg_context {
    const char* last_error;
};

static double get(const tg_array* x, int64_t i) {
    if (x->dtype == TG_F32) return ((const float*)x->data)[i];
    if (x->dtype == TG_F64) return ((const double*)x->data)[i];
    return ((const int32_t*)x->data)[i];
}

/* Towards zero, out of range to the nearest, NaN to 0: where C leaves it open, the header does not. */
static int32_t to_i32(double value) {
    if (isnan(value)) return 0;
    if (value <= INT32_MIN) return INT32_MIN;
    return value >= INT32_MAX ? INT32_MAX : (int32_t)value;
}

static void set(const tg_array* y, int64_t i, double value) {
    if (y->dtype == TG_F32)
        ((float*)y->data)[i] = (float)value;
    else if (y->dtype == TG_F64)
        ((double*)y->data)[i] = value;
    else
        ((int32_t*)y->data)[i] = to_i32(value);
}

/* y[i] = f(x[i], ...). An operand of one element stands for as many as y has. */
static int64_t step(const tg_array* x) { return x->size == 1 ? 0 : 1; }

static int map1(const tg_call* call, double (*f)(double)) {
    const tg_array *x = &call->inputs[0], *y = &call->outputs[0];
    for (int64_t i = 0; i < y->size; ++i) set(y, i, f(get(x, i)));
    return TG_OK;
}

static int map2(const tg_call* call, double (*f)(double, double)) {
    const tg_array *a = &call->inputs[0], *b = &call->inputs[1], *y = &call->outputs[0];
    const int64_t a_step = step(a), b_step = step(b);
    for (int64_t i = 0; i < y->size; ++i) set(y, i, f(get(a, i * a_step), get(b, i * b_step)));
    return TG_OK;
}

static double itself(double x) { return x; }
static double sum_of(double a, double b) { return a + b; }
static double product_of(double a, double b) { return a * b; }
static double quotient_of(double a, double b) { return a / b; }
static double max_of(double a, double b) { return a > b || isnan(a) ? a : b; }
static double is_greater(double a, double b) { return a > b; }

static int add(tg_context* context, tg_call* call) { return (void)context, map2(call, sum_of); }
static int mul(tg_context* context, tg_call* call) { return (void)context, map2(call, product_of); }
static int divide(tg_context* context, tg_call* call) { return (void)context, map2(call, quotient_of); }
static int maximum(tg_context* context, tg_call* call) { return (void)context, map2(call, max_of); }
static int greater(tg_context* context, tg_call* call) { return (void)context, map2(call, is_greater); }
static int power(tg_context* context, tg_call* call) { return (void)context, map2(call, pow); }
static int exp_(tg_context* context, tg_call* call) { return (void)context, map1(call, exp); }
static int expm1_(tg_context* context, tg_call* call) { return (void)context, map1(call, expm1); }
static int log_(tg_context* context, tg_call* call) { return (void)context, map1(call, log); }
static int log1p_(tg_context* context, tg_call* call) { return (void)context, map1(call, log1p); }
static int sqrt_(tg_context* context, tg_call* call) { return (void)context, map1(call, sqrt); }
static int tanh_(tg_context* context, tg_call* call) { return (void)context, map1(call, tanh); }
static int erf_(tg_context* context, tg_call* call) { return (void)context, map1(call, erf); }

static int where(tg_context* context, tg_call* call) {
    const tg_array *condition = &call->inputs[0], *a = &call->inputs[1], *b = &call->inputs[2], *y = &call->outputs[0];
    for (int64_t i = 0; i < y->size; ++i)
        set(y, i, get(condition, i * step(condition)) != 0 ? get(a, i * step(a)) : get(b, i * step(b)));
    return (void)context, TG_OK;
}

static int fill(tg_context* context, tg_call* call) {
    for (int64_t i = 0; i < call->outputs[0].size; ++i) set(&call->outputs[0], i, call->reals[0]);
    return (void)context, TG_OK;
}

static int cast(tg_context* context, tg_call* call) {
    const int32_t from = call->inputs[0].dtype;
    if (from == TG_F32 || from == TG_F64 || from == TG_I32) return map1(call, itself);
    context->last_error = "cast: the input has an unknown dtype";
    return TG_FAILED;
}

/* Copies what lies below one index of each dimension before `axis`; x and y are where that begins. */
static void copy_block(const tg_call* call, int64_t axis, int64_t x, int64_t y) {
    const int64_t rank = call->integers[0];
    const int64_t *dims = call->integers + 1, *x_strides = dims + rank + 1, *y_strides = x_strides + rank + 1;
    for (int64_t i = 0; axis < rank && i < dims[axis]; ++i)
        copy_block(call, axis + 1, x + i * x_strides[axis], y + i * y_strides[axis]);
    if (axis == rank) set(&call->outputs[0], y, get(&call->inputs[0], x));
}

static int strided_copy(tg_context* context, tg_call* call) {
    const int64_t* offsets = call->integers + 1 + call->integers[0];
    return (void)context, copy_block(call, 0, offsets[0], offsets[1 + call->integers[0]]), TG_OK;
}

static int gather(tg_context* context, tg_call* call) {
    const tg_array *x = &call->inputs[0], *y = &call->outputs[0];
    const int32_t* index = call->inputs[1].data;
    const int64_t rows = y->shape[0], width = y->shape[1];
    for (int64_t e = 0; e < rows; ++e)
        for (int64_t j = 0; j < width; ++j) set(y, e * width + j, get(x, index[e] * width + j));
    return (void)context, TG_OK;
}

/* Combined in double whatever the dtype, always in the order of the elements. */
static int reduce(const tg_call* call, double start, double (*combine)(double, double)) {
    const tg_array *x = &call->inputs[0], *y = &call->outputs[0];
    const int64_t outer = x->shape[0], reduced = x->shape[1], inner = x->shape[2];
    for (int64_t o = 0; o < outer; ++o)
        for (int64_t i = 0; i < inner; ++i) {
            double result = start;
            for (int64_t r = 0; r < reduced; ++r) result = combine(result, get(x, (o * reduced + r) * inner + i));
            set(y, o * inner + i, result);
        }
    return TG_OK;
}

static int reduce_sum(tg_context* context, tg_call* call) { return (void)context, reduce(call, 0, sum_of); }
static int reduce_max(tg_context* context, tg_call* call) { return (void)context, reduce(call, -INFINITY, max_of); }

/* The same for segments; an empty one gives 0, and so does one whose maximum is -inf. */
static int scatter(const tg_call* call, double start, double (*combine)(double, double)) {
    const tg_array *x = &call->inputs[0], *y = &call->outputs[0];
    const int32_t *order = call->inputs[2].data, *offsets = call->inputs[3].data;
    const int64_t segments = y->shape[0], width = y->shape[1];
    for (int64_t s = 0; s < segments; ++s)
        for (int64_t j = 0; j < width; ++j) {
            double result = start;
            for (int32_t p = offsets[s]; p < offsets[s + 1]; ++p)
                result = combine(result, get(x, order[p] * width + j));
            set(y, s * width + j, result == start ? 0 : result);
        }
    return TG_OK;
}

static int scatter_sum(tg_context* context, tg_call* call) { return (void)context, scatter(call, 0, sum_of); }
static int scatter_max(tg_context* context, tg_call* call) { return (void)context, scatter(call, -INFINITY, max_of); }

static int matmul(tg_context* context, tg_call* call) {
    const tg_array *a = &call->inputs[0], *b = &call->inputs[1], *y = &call->outputs[0];
    const int transpose_a = call->integers[0] != 0, transpose_b = call->integers[1] != 0;
    const int64_t batches = y->shape[0], rows = y->shape[1], columns = y->shape[2];
    const int64_t terms = a->shape[transpose_a ? 1 : 2];
    /* How far a[i][k] and b[k][j] move with k and with their other index. */
    const int64_t a_k = transpose_a ? rows : 1, a_i = transpose_a ? 1 : terms;
    const int64_t b_k = transpose_b ? 1 : columns, b_j = transpose_b ? terms : 1;
    for (int64_t batch = 0; batch < batches; ++batch)
        for (int64_t i = 0; i < rows; ++i)
            for (int64_t j = 0; j < columns; ++j) {
                const int64_t from_a = batch * rows * terms + i * a_i, from_b = batch * terms * columns + j * b_j;
                double sum = 0;
                for (int64_t k = 0; k < terms; ++k) sum += get(a, from_a + k * a_k) * get(b, from_b + k * b_k);
                set(y, (batch * rows + i) * columns + j, sum);
            }
    return (void)context, TG_OK;
}

/* Philox4x32 with 10 rounds: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011. */
static void philox(uint32_t counter[4], uint32_t key_0, uint32_t key_1) {
    for (int round = 0; round < 10; ++round, key_0 += 0x9E3779B9u, key_1 += 0xBB67AE85u) {
        const uint64_t product_0 = (uint64_t)0xD2511F53u * counter[0], product_1 = (uint64_t)0xCD9E8D57u * counter[2];
        counter[0] = (uint32_t)(product_1 >> 32) ^ counter[1] ^ key_0;
        counter[2] = (uint32_t)(product_0 >> 32) ^ counter[3] ^ key_1;
        counter[1] = (uint32_t)product_1;
        counter[3] = (uint32_t)product_0;
    }
}

static int random_mask(tg_context* context, tg_call* call) {
    const uint32_t* key = call->inputs[0].data; /* seed low, seed high, step */
    uint32_t* mask = call->outputs[0].data;
    const int64_t call_site = call->integers[0], threshold = call->integers[1], count = call->integers[2];
    for (int64_t i = 0; i < call->outputs[0].size; ++i) mask[i] = 0;
    for (int64_t block = 0; block * 8 < count; ++block) {
        uint32_t words[4] = {(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)call_site, key[2]};
        philox(words, key[0], key[1]);
        for (int64_t i = block * 8; i < count && i < block * 8 + 8; ++i)
            if ((words[i % 8 / 2] >> 16 * (i % 2) & 0xFFFFu) < threshold) mask[i / 32] |= (uint32_t)1 << i % 32;
    }
    return (void)context, TG_OK;
}

static int masked_scale(tg_context* context, tg_call* call) {
    const tg_array *x = &call->inputs[0], *y = &call->outputs[0];
    const uint32_t* mask = call->inputs[1].data;
    const double scale = y->dtype == TG_F32 ? (float)call->reals[0] : call->reals[0];
    for (int64_t i = 0; i < y->size; ++i) set(y, i, mask[i / 32] >> i % 32 & 1u ? get(x, i) * scale : 0);
    return (void)context, TG_OK;
}

struct row {
    const char* name;
    tg_kernel function;
};

static const struct row of_all[] = {
    {"fill", fill}, {"strided_copy", strided_copy}, {"cast", cast}, {"gather", gather}, {NULL, NULL}};
static const struct row of_i32[] = {{"random_mask", random_mask}, {NULL, NULL}};
static const struct row of_reals[] = {
    {"add", add},      {"mul", mul},     {"div", divide}, {"maximum", maximum}, {"greater", greater},
    {"pow", power},    {"where", where}, {"exp", exp_},   {"expm1", expm1_},    {"log", log_},
    {"log1p", log1p_}, {"sqrt", sqrt_},  {"tanh", tanh_}, {"erf", erf_},        {NULL, NULL},
};
static const struct row sums_of_reals[] = {
    {"reduce_sum", reduce_sum},   {"reduce_max", reduce_max},     {"matmul", matmul}, {"scatter_sum", scatter_sum},
    {"scatter_max", scatter_max}, {"masked_scale", masked_scale}, {NULL, NULL},
};

static tg_kernel find(const struct row* row, const char* name) {
    while (row->name != NULL && strcmp(row->name, name) != 0) ++row;
    return row->function;
}

static tg_kernel kernel(const char* name, tg_dtype dtype) {
    const int is_real = dtype == TG_F32 || dtype == TG_F64;
    tg_kernel function = is_real || dtype == TG_I32 ? find(of_all, name) : NULL;
    if (function == NULL && is_real) function = find(of_reals, name);
    if (function == NULL && is_real) function = find(sums_of_reals, name);
    if (function == NULL && dtype == TG_I32) function = find(of_i32, name);
    return function;
}

/* 0: never "auto" where there is another. */
static int probe(const char** reason) { return (void)reason, 0; }

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
    return context->last_error = "plain: out of memory", NULL;
}

static void release(tg_context* context, void* memory) { (void)context, free(memory); }

static int copy(tg_context* context, void* to, const void* from, size_t bytes) {
    if (bytes > 0) memcpy(to, from, bytes);
    return (void)context, TG_OK;
}

static int sync(tg_context* context) { return (void)context, TG_OK; }

static const char* last_error(tg_context* context) {
    return context != NULL ? context->last_error : "plain: no memory for a context, or fewer threads than 1";
}

static const char* describe(tg_context* context) { return (void)context, "plain C99, 1 thread"; }

const tg_backend* tapegrad_backend(void) {
    static const tg_backend backend = {.abi_version = TG_ABI_VERSION,
                                       .struct_size = sizeof(tg_backend),
                                       .name = "plain",
                                       .version = "1",
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
                                       .kernel = kernel};
    return &backend;
}
