// cuBLAS behind one function. It is opened at run time, so that the plugin loads where there is none.
#pragma once

#include <cstdint>
#include <memory>

#include "backends/backend_abi.h"

struct tg_context;

namespace tapegrad::cuda {

/// Products of [M, K] and [K, N], `batches` of them; a factor that lies transposed is [K, M] or [N, K].
struct ProductSizes {
    std::int64_t batches, rows, terms, columns;
    bool transpose_a, transpose_b;
};

class Blas {
public:
    virtual ~Blas() = default;

    /// inputs[0] times inputs[1] into outputs[0], in f32 (without TF32, unless TAPEGRAD_CUDA_TF32=1) or f64; the same
    /// bits every time. TG_FAILED with the context's last_error set if cuBLAS refuses.
    virtual int multiply(tg_context& context, const tg_call& call, const ProductSizes& sizes) = 0;

    /// "cuBLAS 13.1.0".
    virtual const char* describe() const = 0;
};

/// nullptr where there is no cuBLAS.
std::unique_ptr<Blas> open_blas(tg_context& context);

}  // namespace tapegrad::cuda
