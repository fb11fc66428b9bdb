// Products with a sparse matrix.
#pragma once

#include "autograd/sparse.hpp"

namespace tapegrad {

/// [N, C] sparse x [C, F] dense -> [N, F].
Tensor spmm(const SparseMatrix& a, const Tensor& b);

}  // namespace tapegrad
