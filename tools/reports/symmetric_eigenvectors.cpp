#include "tools/reports/symmetric_eigenvectors.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include "autograd/random.hpp"

namespace tapegrad {
namespace {

using Vector = std::vector<double>;

double dot(std::span<const double> a, std::span<const double> b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// Row by row as sums of columns, which are its rows: that loop needs no fixed order of summation, and is vectorised.
Vector product(std::span<const double> matrix, const Vector& x) {
    Vector y(x.size());
    for (std::size_t k = 0; k < x.size(); ++k)
        for (std::size_t i = 0; i < x.size(); ++i) y[i] += matrix[k * x.size() + i] * x[k];
    return y;
}

// The vectors as sum_k weights[k] from[k].
Vector combination(const std::vector<Vector>& from, const Vector& weights) {
    Vector sum(from.front().size());
    for (std::size_t k = 0; k < from.size(); ++k)
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += weights[k] * from[k][i];
    return sum;
}

// Gram-Schmidt, twice for the sake of rounding. A vector that lies in the span of those before is replaced by the first
// axis that does not.
void orthonormalise(std::vector<Vector>& vectors) {
    for (std::size_t k = 0; k < vectors.size(); ++k) {
        std::size_t axis = 0;
        for (;;) {
            const double before = std::sqrt(dot(vectors[k], vectors[k]));
            for (int pass = 0; pass < 2; ++pass)
                for (std::size_t other = 0; other < k; ++other) {
                    const double overlap = dot(vectors[k], vectors[other]);
                    for (std::size_t i = 0; i < vectors[k].size(); ++i) vectors[k][i] -= overlap * vectors[other][i];
                }
            const double length = std::sqrt(dot(vectors[k], vectors[k]));
            if (length > 1e-10 * before && length > 0) {
                for (double& element : vectors[k]) element /= length;
                break;
            }
            std::ranges::fill(vectors[k], 0);
            vectors[k][axis++] = 1;
        }
    }
}

// One rotation that makes matrix[p, q] zero; `vectors` (as rows) turn along.
void rotate(Vector& matrix, Vector& vectors, std::size_t size, std::size_t p, std::size_t q) {
    const double off = matrix[p * size + q];
    if (off == 0) return;
    const double theta = (matrix[q * size + q] - matrix[p * size + p]) / (2 * off);
    const double tangent = std::copysign(1.0, theta) / (std::abs(theta) + std::hypot(theta, 1.0));
    const double cosine = 1 / std::hypot(tangent, 1.0), sine = tangent * cosine;
    const auto turn = [&](double& a, double& b) {
        const double old = a;
        a = cosine * old - sine * b;
        b = sine * old + cosine * b;
    };
    for (std::size_t i = 0; i < size; ++i) turn(matrix[i * size + p], matrix[i * size + q]);
    for (std::size_t i = 0; i < size; ++i) turn(matrix[p * size + i], matrix[q * size + i]);
    for (std::size_t i = 0; i < size; ++i) turn(vectors[p * size + i], vectors[q * size + i]);
}

}  // namespace

std::vector<Eigenvector> jacobi_eigenvectors(std::vector<double> matrix, std::size_t size) {
    Vector vectors(size * size);
    for (std::size_t i = 0; i < size; ++i) vectors[i * size + i] = 1;
    const double whole = dot(matrix, matrix);
    for (int sweep = 0; sweep < 50; ++sweep) {
        double off = 0;
        for (std::size_t p = 0; p < size; ++p)
            for (std::size_t q = p + 1; q < size; ++q) off += matrix[p * size + q] * matrix[p * size + q];
        if (off <= 1e-30 * whole) break;
        for (std::size_t p = 0; p < size; ++p)
            for (std::size_t q = p + 1; q < size; ++q) rotate(matrix, vectors, size, p, q);
    }
    std::vector<Eigenvector> result;
    for (std::size_t i = 0; i < size; ++i) {
        const auto row = vectors.begin() + static_cast<std::ptrdiff_t>(i * size);
        result.push_back({matrix[i * size + i], {row, row + static_cast<std::ptrdiff_t>(size)}});
    }
    std::ranges::stable_sort(result, std::greater{}, &Eigenvector::value);
    return result;
}

std::vector<Eigenvector> leading_eigenvectors(std::span<const double> matrix, std::size_t size, std::size_t count) {
    count = std::min(count, size);
    // The vectors beyond those asked for make the others converge faster.
    const std::size_t width = std::min(size, count + 6);
    HostRandom random(1);
    std::vector<Vector> basis(width, Vector(size));
    for (Vector& vector : basis)
        for (double& element : vector) element = random.normal();
    orthonormalise(basis);

    std::vector<Eigenvector> result;
    for (int iteration = 0; iteration < 300; ++iteration) {
        std::vector<Vector> images;
        for (const Vector& vector : basis) images.push_back(product(matrix, vector));
        Vector projected(width * width);
        for (std::size_t a = 0; a < width; ++a)
            for (std::size_t b = 0; b <= a; ++b)
                projected[a * width + b] = projected[b * width + a] = dot(basis[a], images[b]);

        const std::vector<Eigenvector> small = jacobi_eigenvectors(projected, width);
        result.clear();
        double residual = 0;
        std::vector<Vector> next;
        for (std::size_t k = 0; k < width; ++k) {
            next.push_back(combination(images, small[k].vector));
            if (k >= count) continue;
            result.push_back({small[k].value, combination(basis, small[k].vector)});
            for (std::size_t i = 0; i < size; ++i)
                residual = std::max(residual, std::abs(next[k][i] - result[k].value * result[k].vector[i]));
        }
        if (residual <= 1e-10 * small.front().value) break;
        basis = std::move(next);
        orthonormalise(basis);
    }
    return result;
}

}  // namespace tapegrad
