// A sparse matrix: a fixed pattern, prepared by rows and by columns, and a tensor of values.
#pragma once

#include <cstdint>
#include <span>

#include "autograd/grouping.hpp"

namespace tapegrad {

/// A [rows, columns] matrix with E stored entries in CSR order. Copies are cheap; the pattern is shared by every
/// matrix that is made from it, so that dropout replaces the values alone.
struct SparseMatrix {
    Tensor values;     ///< [E], f32 or f64
    Grouping rows;     ///< the row of each entry
    Grouping columns;  ///< the column of each entry

    std::int64_t row_count() const { return rows.groups(); }
    std::int64_t column_count() const { return columns.groups(); }
    /// The same pattern with other values [E].
    SparseMatrix with_values(const Tensor& other) const { return {other, rows, columns}; }
    /// Rows and columns exchanged; shares everything.
    SparseMatrix transposed() const { return {values, columns, rows}; }
};

/// A matrix from CSR arrays on the host: row_offsets [rows + 1], column_index and values [E]. Throws ShapeError when
/// their lengths do not fit, IndexError for a column outside 0 .. columns-1.
SparseMatrix make_sparse(const BackendPtr& backend, std::span<const std::int32_t> row_offsets,
                         std::span<const std::int32_t> column_index, std::span<const float> values,
                         std::int64_t columns);

/// The [rows, columns] tensor with zeros where nothing is stored; entries at one place add up. Throws ShapeError when
/// there is not one value for each entry.
Tensor to_dense(const SparseMatrix& matrix);

}  // namespace tapegrad
