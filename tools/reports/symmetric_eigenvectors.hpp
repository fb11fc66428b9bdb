// Eigenvectors of a symmetric matrix.
#pragma once

#include <span>
#include <vector>

namespace tapegrad {

struct Eigenvector {
    double value;
    std::vector<double> vector;  ///< of length 1; its sign is arbitrary
};

/// Those of the `count` largest eigenvalues of a symmetric positive semidefinite `matrix` [size, size], the largest
/// first; `size` of them where that is less. Orthogonal iteration with Rayleigh-Ritz steps on a few more vectors than
/// asked for: Golub and Van Loan, "Matrix Computations", section 8.2.4 in the fourth edition. It starts from fixed
/// vectors and ends when the residual |A v - lambda v| is below 1e-10 of the largest eigenvalue, or after 300 products.
std::vector<Eigenvector> leading_eigenvectors(std::span<const double> matrix, std::size_t size, std::size_t count);

/// All eigenvectors, the one of the largest eigenvalue first, by cyclic Jacobi rotations (the same book, section
/// 8.5.5); for small matrices.
std::vector<Eigenvector> jacobi_eigenvectors(std::vector<double> matrix, std::size_t size);

}  // namespace tapegrad
