// Direct kernel calls, below the ops: nothing here is recorded, shapes are the caller's care.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>

#include "autograd/tensor.hpp"

namespace tapegrad {

namespace kernels {
extern const KernelId fill, strided_copy, cast, reduce_sum, reduce_max, matmul, mul, add;
}

/// Runs the kernel that a backend must have. Throws BackendError when it is missing or fails.
void call_kernel(KernelId id, std::initializer_list<Tensor> inputs, const Tensor& output,
                 std::span<const std::int64_t> integers = {}, std::span<const double> reals = {});

/// Overwrites every element with `value`; tapes notice.
void fill(const Tensor& target, double value);

/// How a strided copy walks the tensor that it reads: extents, first element and strides (in elements).
struct ReadPattern {
    Dims extents;
    std::int64_t offset;
    Dims strides;
};

/// How it walks the tensor that it writes; the extents are those of the reading side.
struct WritePattern {
    std::int64_t offset;
    Dims strides;
};

/// Copies elements of `from` to elements of `to`; the rest of `to` stays as it is.
void copy_strided(const Tensor& from, ReadPattern read, const Tensor& to, WritePattern write);

/// `x` repeated to `shape` (NumPy's broadcasting), in new memory.
Tensor expand_copy(const Tensor& x, const Shape& shape);

/// Is every element finite? One pass over the memory; f32 and f64.
bool all_finite(const Tensor& x);

}  // namespace tapegrad
