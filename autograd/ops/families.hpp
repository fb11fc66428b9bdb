// The list of op families. A new family is one file and one line in families.cpp.
#pragma once

#include <span>
#include <vector>

#include "autograd/op.hpp"

namespace tapegrad {

/// The ops of one file.
struct OpFamily {
    const char* name;  ///< the heading of its ops in docs/operators.md
    std::vector<OpDef> (*ops)();
};

std::vector<OpDef> arithmetic_ops();
std::vector<OpDef> function_ops();
std::vector<OpDef> activation_ops();
std::vector<OpDef> shape_ops();
std::vector<OpDef> join_ops();
std::vector<OpDef> reduce_ops();
std::vector<OpDef> matmul_ops();
std::vector<OpDef> segment_ops();
std::vector<OpDef> sparse_ops();
std::vector<OpDef> softmax_ops();
std::vector<OpDef> dropout_ops();
std::vector<OpDef> loss_ops();
std::vector<OpDef> attention_score_ops();
std::vector<OpDef> attention_input_ops();
std::vector<OpDef> attention_ops();
std::vector<OpDef> optimizer_ops();

/// All families that the library brings, in the order of their registration.
std::span<const OpFamily> op_families();

}  // namespace tapegrad
