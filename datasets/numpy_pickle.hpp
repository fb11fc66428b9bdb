// The NumPy and SciPy values inside Planetoid's pickles, in and out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "datasets/dataset.hpp"

namespace tapegrad {

/// A dense matrix [rows, columns], row-major.
struct IntMatrix {
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    std::vector<std::int32_t> values;
};

// Each reads a file that holds one value and throws DataError, naming the file and the byte, if it holds anything else.

/// A two-dimensional numpy.ndarray of int32.
IntMatrix read_pickled_matrix(const std::filesystem::path& file);

/// A scipy.sparse.csr_matrix of float32, with the columns of each row in ascending order; checked as by
/// `check(SparseRows)`, so a bad column is an IndexError.
SparseRows read_pickled_csr(const std::filesystem::path& file);

/// A dict or defaultdict from int to list of int: for each node its neighbours.
std::map<std::int32_t, std::vector<std::int32_t>> read_pickled_adjacency(const std::filesystem::path& file);

// The same values as pickles: what the functions above read, and Python with NumPy and SciPy as well (Python 3 by
// pickle.load(file, encoding="latin1"), as for the published files).

std::string pickled(const IntMatrix& matrix);
std::string pickled(const SparseRows& rows);
/// Of node i the neighbours are adjacency[i].
std::string pickled(const std::vector<std::vector<std::int32_t>>& adjacency);

}  // namespace tapegrad
