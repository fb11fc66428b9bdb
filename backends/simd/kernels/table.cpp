#include "backends/simd/kernels/kernels.hpp"

namespace tapegrad::simd {

extern "C" [[gnu::visibility("default")]] void tapegrad_simd_kernels(KernelTable& table) {
    static const std::array families = {
        elementwise_kernels(),
        memory_kernels(),
        reduce_kernels(),
        matmul_kernels(),
        segment_kernels(),
        random_kernels(),
        bias_kernels(),
        softmax_kernels(),
        segment_softmax_kernels(),
        loss_kernels(),
        optimizer_kernels(),
        sparse_kernels(),
        attention_score_kernels(),
        attention_kernels(),
        attention_gradient_kernels(),
    };
    table = families;
}

}  // namespace tapegrad::simd
