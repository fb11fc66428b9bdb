/* The whole contract between tapegrad and a backend plugin: plain C99, the only header that a plugin needs.
 *
 * A plugin is a shared library named libtapegrad_backend_NAME.so that exports one function,
 *
 *     const tg_backend* tapegrad_backend(void);
 *
 * Rules that hold for every function in the table:
 *   - nothing throws across this header; a failing function returns non-zero and last_error says why;
 *   - a context is used by one thread at a time; several contexts of one backend may run at once;
 *   - calls may be asynchronous until `sync` or `download`, or until `finish_download` for what came before its
 *     begin_download; what upload reads on the host may be overwritten when it returns, and `free` and `free_graph`
 *     may come before all that uses the memory or the graph is computed;
 *   - an output shares no memory with an input, except in a step of an optimizer and in add, whose output may be its
 *     first input;
 *   - kernels see compact row-major arrays whose shapes, dtypes and groupings were already checked (labels were not:
 *     one that is no class gives NaN); arrays may be empty, though engines after 1.0 leave a call out if all its
 *     outputs are;
 *   - the same call gives the same bits every time, in every context, with any number of threads (tools/check-backend
 *     holds a plugin to this, as to all the rest);
 *   - a kernel writes its outputs and its workspace, and nothing else;
 *   - a function is right to 4 units in the last place, and a sum to the rounding of its additions in some order;
 *     infinities, NaN and denormals are numbers like others.
 *
 * Versions. A plugin that was built for any 1.x keeps loading in every engine of 1.x, older or newer. So within 1.x
 *   - what stands here keeps its place and its meaning, and nothing becomes mandatory, neither entry nor kernel;
 *   - entries are only added, at the end of the table, and raise the minor number: struct_size tells which of them a
 *     plugin has, and what an engine does not know it does not look at;
 *   - an op whose inputs, outputs or attributes change gets another name, so that a kernel never gets a call that it
 *     was not written for.
 *
 * Anything else raises the major number. abi_version and struct_size stay the first two entries for ever.
 *
 * The mandatory kernels. "n" stands for any shape; f32 and f64 unless a row says otherwise.
 *
 *   name          inputs                                     output              integers            reals
 *   fill          -                                          y[n]                -                   value
 *                 (f32, f64, i32)
 *   strided_copy  x                                          y, partly written   rank, dims...,      -
 *                 (f32, f64, i32; strides and offsets                            x_offset, x_strides...,
 *                 count elements; a stride may be 0 or < 0)                      y_offset, y_strides...
 *   cast          x[n] of any dtype                          y[n]                -                   -
 *                 (f32, f64, i32: the output's dtype; to i32 towards zero,
 *                 out of range to the nearest i32, NaN to 0)
 *   add mul div maximum greater pow    a, b                  y[n]                -                   -
 *                 (a and b have y's shape or one element; greater gives 0 or 1; maximum keeps NaN)
 *   where         condition, a, b                            y[n]                -                   -
 *                 (each has y's shape or one element, all have y's dtype; condition != 0, NaN too, takes a)
 *   exp expm1 log log1p sqrt tanh erf  x                     y[n]                -                   -
 *   reduce_sum    x[outer, reduced, inner]                   y[outer, inner]     -                   -
 *   reduce_max    x[outer, reduced, inner]                   y[outer, inner]     -                   -
 *                 (keeps NaN; reduced is at least 1 for reduce_max)
 *   matmul        a[B, M, K], b[B, K, N]                     y[B, M, N]          transpose_a,        -
 *                 (with transpose_a, a is [B, K, M];                             transpose_b
 *                 with transpose_b, b is [B, N, K])
 *   gather        x[N, W], index[E], order[E], offsets[N+1]  y[E, W]             -                   -
 *                 (y[e] = x[index[e]]; also i32)
 *   scatter_sum   x[E, W], index[E], order[E], offsets[S+1]  y[S, W]             -                   -
 *   scatter_max   the same                                   y[S, W]             -                   -
 *                 (y[s] reduces x[order[p]] for p = offsets[s] .. offsets[s+1]-1; an empty
 *                 segment gives 0, and in scatter_max an element that is -inf throughout its segment too;
 *                 scatter_max keeps NaN)
 *   random_mask   key i32[3] = {seed low, seed high, step}   y i32[ceil(n/32)]   call_site,          -
 *                 (i32 only; bit i % 32 of word i / 32 is set where draw i   threshold, n
 *                 is below threshold; draw i is bits 16*(i%2) .. +15 of word (i%8)/2 of Philox4x32-10 with key
 *                 {seed low, seed high} and counter {low, high 32 bits of i/8, call_site, step};
 *                 unused bits are 0)
 *   masked_scale  x[n], mask i32[ceil(n/32)]                 y[n]                -                   scale
 *                 (y[i] = bit i of mask ? x[i] * scale : 0, with scale first converted to y's dtype)
 *
 * index, order and offsets are i32 and describe one grouping: order lists the entries of index sorted by value
 * (ties in their first order), offsets[s] is where the entries of value s begin in it.
 *
 * Any further kernel carries the name of an op and gets that op's inputs, outputs and attributes (integers and
 * reals each in the order in which the op declares them; a list of integers is preceded by its length). */
#ifndef TAPEGRAD_BACKEND_ABI_H
#define TAPEGRAD_BACKEND_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* When they change is said above, under "Versions". */
#define TG_ABI_MAJOR 1u
#define TG_ABI_MINOR 1u
#define TG_ABI_VERSION (TG_ABI_MAJOR << 16 | TG_ABI_MINOR)

typedef enum { TG_F32 = 0, TG_F64 = 1, TG_I32 = 2 } tg_dtype;

/* A compact row-major array in the backend's memory. */
typedef struct {
    void* data;
    const int64_t* shape; /* rank entries */
    int64_t size;         /* elements in all: the product of shape */
    int32_t rank;
    int32_t dtype; /* a tg_dtype */
} tg_array;

/* What a kernel is called with. */
typedef struct {
    const tg_array* inputs;
    const tg_array* outputs;
    const int64_t* integers;
    const double* reals;
    int32_t input_count;
    int32_t output_count;
    int32_t integer_count;
    int32_t real_count;
    /* A kernel that needs scratch memory and finds workspace_size too small sets it and returns
     * TG_NEEDS_WORKSPACE; it is then called again with as much. */
    void* workspace;
    size_t workspace_size; /* bytes */
} tg_call;

/* What a plugin keeps for one opened backend, for recorded kernels and for a download that was begun; only the plugin
 * looks inside. */
typedef struct tg_context tg_context;
typedef struct tg_graph tg_graph;
typedef struct tg_download tg_download;

enum { TG_OK = 0, TG_FAILED = 1, TG_NEEDS_WORKSPACE = 2 };

/* TG_OK, TG_FAILED (last_error says why) or TG_NEEDS_WORKSPACE. */
typedef int (*tg_kernel)(tg_context* context, tg_call* call);

typedef struct {
    uint32_t abi_version; /* TG_ABI_VERSION */
    uint32_t struct_size; /* sizeof(tg_backend) */
    const char* name;     /* the NAME of the library's file name */
    const char* version;

    /* How good this backend is on this machine: 0 or more, the best of all is "auto"; below 0 it cannot run here
     * and *reason points to a sentence that says why. -1 is for a machine that has nothing to run on; with less the
     * device is there but cannot be used, which tools tell. Must be cheap; a library that it loads may stay. */
    int (*probe)(const char** reason);

    /* Makes a context that works with that many threads (at least 1). */
    int (*open)(int threads, tg_context** context);
    void (*close)(tg_context* context);

    /* Memory of `bytes` bytes (at least 1), aligned to 64, or NULL. */
    void* (*alloc)(tg_context* context, size_t bytes);
    void (*free)(tg_context* context, void* memory);
    int (*upload)(tg_context* context, void* to, const void* from_host, size_t bytes);
    int (*download)(tg_context* context, void* to_host, const void* from, size_t bytes);
    int (*sync)(tg_context* context);

    /* Why the last call on this context failed; with NULL, why the last open failed. Never NULL. */
    const char* (*last_error)(tg_context* context);

    /* What computes, in one line for a person: instruction set, threads, libraries and their versions. Never NULL; it
     * stays valid as long as the context. */
    const char* (*describe)(tg_context* context);

    /* The kernel of that name for the dtype of its first output, or NULL if there is none. */
    tg_kernel (*kernel)(const char* name, tg_dtype dtype);

    /* Optional, all five or none of them (null pointers): kernels that are recorded and then computed as one, again
     * and again. From begin_capture to end_capture, kernels are recorded instead of computed; only alloc, kernel,
     * last_error and finish_download are called too. end_capture makes *graph of them, or drops them if graph is NULL.
     * replay computes all of a graph, in order, in the arrays that were recorded: with what these hold by then.
     * graph_size is how many launches and copies that is. A graph is freed before its context is closed; until then the
     * engine keeps the memory that it uses. */
    int (*begin_capture)(tg_context* context);
    int (*end_capture)(tg_context* context, tg_graph** graph);
    int (*replay)(tg_context* context, tg_graph* graph);
    void (*free_graph)(tg_context* context, tg_graph* graph);
    int64_t (*graph_size)(tg_context* context, tg_graph* graph);

    /* Since 1.1. Optional, both or neither: downloads that nobody waits for at once. begin_download makes *download of
     * the `bytes` bytes (at least 1) at `from`, as they are when all that was asked for before is computed; what is
     * asked for afterwards may overwrite or free them. finish_download waits until these bytes are there, but not for
     * what was asked for after them, writes them to to_host, or drops them if that is NULL, and frees the download,
     * also when it fails. Each download is finished once, in any order, before its context is closed, also while
     * kernels are recorded. */
    int (*begin_download)(tg_context* context, const void* from, size_t bytes, tg_download** download);
    int (*finish_download)(tg_context* context, tg_download* download, void* to_host);
} tg_backend;

/* The one symbol a plugin exports. */
#define TG_ENTRY_POINT "tapegrad_backend"
typedef const tg_backend* (*tg_entry_point)(void);

#ifdef __cplusplus
}
#endif

#endif
