// What the plugin hands to its kernels.
#pragma once

#include <string>

#include "backends/backend_abi.h"
#include "backends/simd/blas.hpp"

/// One opened backend.
struct tg_context {
    int threads = 1;
    const tapegrad::simd::Blas* blas = nullptr;  ///< null where there is none that computes right
    std::string description;
    char last_error[96] = "no error";  ///< needs no memory, for memory is what may be missing
};
