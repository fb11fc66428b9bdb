#include "autograd/sparse.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "autograd/errors.hpp"

namespace tapegrad {

SparseMatrix make_sparse(const BackendPtr& backend, std::span<const std::int32_t> row_offsets,
                         std::span<const std::int32_t> column_index, std::span<const float> values,
                         std::int64_t columns) {
    const bool fits = are_offsets(row_offsets, column_index.size()) && column_index.size() == values.size();
    if (!fits)
        throw ShapeError("make_sparse", "row offsets that rise from 0 to the number of columns indices and of values",
                         fmt::format("{} offsets, {} column indices, {} values", row_offsets.size(),
                                     column_index.size(), values.size()),
                         "check the CSR arrays");
    return {from_values(backend, {static_cast<std::int64_t>(values.size())}, values),
            contiguous_grouping(backend, row_offsets), make_grouping(backend, column_index, columns)};
}

Tensor to_dense(const SparseMatrix& matrix) {
    if (matrix.values.shape() != matrix.rows.index.shape())
        throw ShapeError("to_dense", "one value an entry, " + to_string(matrix.rows.index.shape()),
                         to_string(matrix.values.shape()), "give the pattern values of its own length");
    const std::int64_t width = matrix.column_count();
    const std::vector<std::int32_t> rows = matrix.rows.index.values<std::int32_t>();
    const std::vector<std::int32_t> columns = matrix.columns.index.values<std::int32_t>();
    const std::vector<double> values = matrix.values.values<double>();
    std::vector<double> dense(static_cast<std::size_t>(matrix.row_count() * width));
    for (std::size_t entry = 0; entry < values.size(); ++entry)
        dense[static_cast<std::size_t>(rows[entry] * width + columns[entry])] += values[entry];
    return from_values(matrix.values.backend(), {matrix.row_count(), width}, dense, matrix.values.dtype());
}

}  // namespace tapegrad
