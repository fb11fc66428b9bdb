#include "autograd/ops/families.hpp"

namespace tapegrad {

std::span<const OpFamily> op_families() {
    static constexpr OpFamily families[] = {
        {"Arithmetic", arithmetic_ops},
        {"Functions", function_ops},
        {"Activations", activation_ops},
        {"Shapes", shape_ops},
        {"Joining", join_ops},
        {"Reductions", reduce_ops},
        {"Matrix products", matmul_ops},
        {"Segments", segment_ops},
        {"Sparse matrices", sparse_ops},
        {"Softmax and its relatives", softmax_ops},
        {"Dropout and masks", dropout_ops},
        {"Losses", loss_ops},
        {"Attention scores", attention_score_ops},
        {"Attention inputs", attention_input_ops},
        {"Graph attention", attention_ops},
        {"Optimizer steps", optimizer_ops},
    };
    return families;
}

}  // namespace tapegrad
