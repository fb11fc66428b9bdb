// OpenBLAS, opened at run time so that its core can be chosen before it is loaded.
#pragma once

#include <string>

#include "backends/simd/instruction_set.hpp"

namespace tapegrad::simd {

/// C = A B for row-major matrices, on the calling thread.
struct Blas {
    /// The standard signatures of cblas_sgemm and cblas_dgemm.
    template <class T>
    using Gemm = void (*)(int order, int transpose_a, int transpose_b, int m, int n, int k, T alpha, const T* a,
                          int lda, const T* b, int ldb, T beta, T* c, int ldc);
    static constexpr int row_major = 101, as_stored = 111, transposed = 112;

    Gemm<float> sgemm = nullptr;
    Gemm<double> dgemm = nullptr;
    std::string name;  ///< "OpenBLAS 0.3.21, core SkylakeX", or why there is none

    bool usable() const { return sgemm != nullptr; }
};

/// The process's one OpenBLAS, loaded at the first call. Unless OPENBLAS_CORETYPE is set, it gets the core that fits
/// the processor: old versions take processors that they do not know for ones of 2004. A product is checked
/// against plain loops; a library that computes it wrong is not used.
const Blas& open_blas();

}  // namespace tapegrad::simd
