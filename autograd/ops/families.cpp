#include "autograd/ops/families.hpp"

namespace tapegrad {

std::span<const OpFamily> op_families() {
    static constexpr OpFamily families[] = {
        arithmetic_ops, function_ops, activation_ops,      shape_ops,     join_ops,
        reduce_ops,     matmul_ops,   segment_ops,         sparse_ops,    softmax_ops,
        dropout_ops,    loss_ops,     attention_score_ops, attention_ops, optimizer_ops,
    };
    return families;
}

}  // namespace tapegrad
