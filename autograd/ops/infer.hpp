// Checks that the `infer` functions of several families share.
#pragma once

#include "autograd/op.hpp"

namespace tapegrad {

/// The dtype of all inputs from `first` to `last` (inclusive). Throws TypeError that names the op when they differ or
/// are i32.
DType common_float(const InferCall& call, std::size_t first, std::size_t last);

/// Throws TypeError that names the op unless the input is i32.
void require_i32(const InferCall& call, std::size_t input);

/// Throws TypeError or ShapeError that names the op unless the inputs from `first` on are like the three tensors of a
/// Grouping: index i32 [E], order i32 [E], offsets i32 [G + 1].
void require_grouping(const InferCall& call, std::size_t first);

/// Throws TypeError or ShapeError that names the op unless the input is like what random_key gives: i32 [3].
void require_random_key(const InferCall& call, std::size_t input);

/// Throws ShapeError that names the op unless the inputs from `first` on are z [N, H, F], a_source [H, F] and a_target
/// [H, F].
void require_attention_vectors(const InferCall& call, std::size_t first);

/// The shape of a mask of `count` bits.
Shape mask_shape(std::int64_t count);

/// Throws ShapeError that names the op unless a dropout probability is from 0 to 1.
void check_probability(const std::string& op, double probability);

/// One output whose shape is all inputs broadcast together and whose dtype is theirs.
TensorSpecs infer_broadcast(const InferCall& call);

/// One output like the one float input.
TensorSpecs infer_same(const InferCall& call);

}  // namespace tapegrad
