#include "tools/reports/symmetric_eigenvectors.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>
#include <numeric>

using namespace tapegrad;

namespace {

using Matrix = std::vector<double>;

double product(const std::vector<double>& a, const std::vector<double>& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// Column k of the reflection I - 2 v v^T / |v|^2 with v = (1, 2, ..., size): an orthonormal basis.
std::vector<double> axis(std::size_t k, std::size_t size) {
    std::vector<double> v(size), column(size);
    std::iota(v.begin(), v.end(), 1.0);
    for (std::size_t i = 0; i < size; ++i) column[i] = (i == k) - 2 * v[i] * v[k] / product(v, v);
    return column;
}

// The matrix with these eigenvalues on these axes.
Matrix matrix_with(const std::vector<double>& values) {
    const std::size_t size = values.size();
    Matrix matrix(size * size);
    for (std::size_t k = 0; k < size; ++k) {
        const std::vector<double> along = axis(k, size);
        for (std::size_t i = 0; i < size; ++i)
            for (std::size_t j = 0; j < size; ++j) matrix[i * size + j] += values[k] * along[i] * along[j];
    }
    return matrix;
}

void check_orthonormal(const std::vector<Eigenvector>& vectors) {
    for (std::size_t a = 0; a < vectors.size(); ++a)
        for (std::size_t b = 0; b <= a; ++b)
            BOOST_TEST(std::abs(product(vectors[a].vector, vectors[b].vector) - (a == b)) < 1e-12);
}

void check_residuals(const Matrix& matrix, std::size_t size, const std::vector<Eigenvector>& vectors, double allowed) {
    for (const auto& [value, vector] : vectors)
        for (std::size_t i = 0; i < size; ++i) {
            const std::vector<double> row(matrix.begin() + static_cast<std::ptrdiff_t>(i * size),
                                          matrix.begin() + static_cast<std::ptrdiff_t>((i + 1) * size));
            BOOST_TEST(std::abs(product(row, vector) - value * vector[i]) < allowed);
        }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_symmetric_eigenvectors)

BOOST_AUTO_TEST_CASE(two_by_two_is_as_worked_by_hand) {
    for (const auto& result : {jacobi_eigenvectors({2, 1, 1, 2}, 2), leading_eigenvectors(Matrix{2, 1, 1, 2}, 2, 2)}) {
        BOOST_TEST(result.at(0).value == 3, boost::test_tools::tolerance(1e-12));
        BOOST_TEST(result.at(1).value == 1, boost::test_tools::tolerance(1e-12));
        BOOST_TEST(result[0].vector[0] == result[0].vector[1], boost::test_tools::tolerance(1e-12));
        BOOST_TEST(std::abs(result[0].vector[0]) == std::sqrt(0.5), boost::test_tools::tolerance(1e-12));
        BOOST_TEST(result[1].vector[0] == -result[1].vector[1], boost::test_tools::tolerance(1e-12));
    }
}

BOOST_AUTO_TEST_CASE(jacobi_finds_all_eigenvalues_of_a_second_difference) {
    // 2 on the diagonal, -1 beside it: 2 - 2 cos(k pi / (n + 1)).
    constexpr std::size_t size = 9;
    Matrix matrix(size * size);
    for (std::size_t i = 0; i < size; ++i) {
        matrix[i * size + i] = 2;
        if (i > 0) matrix[i * size + i - 1] = matrix[(i - 1) * size + i] = -1;
    }
    const std::vector<Eigenvector> result = jacobi_eigenvectors(matrix, size);
    BOOST_REQUIRE(result.size() == size);
    for (std::size_t k = 0; k < size; ++k) {
        const double expected = 2 - 2 * std::cos(static_cast<double>(size - k) * std::numbers::pi / (size + 1));
        BOOST_TEST(result[k].value == expected, boost::test_tools::tolerance(1e-12));
    }
    check_orthonormal(result);
    check_residuals(matrix, size, result, 1e-12);
}

BOOST_AUTO_TEST_CASE(leading_ones_are_those_the_matrix_was_made_of) {
    constexpr std::size_t size = 60;
    std::vector<double> values(size);
    for (std::size_t k = 0; k < size; ++k) values[k] = 100 * std::pow(0.8, static_cast<double>((k * 7) % size));
    const std::vector<Eigenvector> result = leading_eigenvectors(matrix_with(values), size, 3);
    BOOST_REQUIRE(result.size() == 3U);
    // 7 k = 0, 1, 2 modulo 60 for k = 0, 43, 26.
    for (const auto& [place, k] : {std::pair{0U, 0U}, std::pair{1U, 43U}, std::pair{2U, 26U}}) {
        BOOST_TEST(result[place].value == values[k], boost::test_tools::tolerance(1e-10));
        BOOST_TEST(std::abs(product(result[place].vector, axis(k, size))) == 1, boost::test_tools::tolerance(1e-10));
    }
    check_orthonormal(result);
}

BOOST_AUTO_TEST_CASE(equal_eigenvalues_are_no_trouble) {
    std::vector<double> values(20, 1);
    values[3] = values[11] = 5;
    const Matrix matrix = matrix_with(values);
    const std::vector<Eigenvector> result = leading_eigenvectors(matrix, 20, 3);
    BOOST_TEST(result[0].value == 5, boost::test_tools::tolerance(1e-10));
    BOOST_TEST(result[1].value == 5, boost::test_tools::tolerance(1e-10));
    BOOST_TEST(result[2].value == 1, boost::test_tools::tolerance(1e-10));
    check_orthonormal(result);
    check_residuals(matrix, 20, result, 1e-8);
}

BOOST_AUTO_TEST_CASE(matrices_of_low_rank_give_orthonormal_vectors_too) {
    for (const double largest : {0.0, 3.0}) {
        const std::vector<Eigenvector> result = leading_eigenvectors(matrix_with({0, 0, largest, 0, 0, 0, 0, 0}), 8, 2);
        BOOST_TEST(std::abs(result[0].value - largest) < 1e-10);
        BOOST_TEST(std::abs(result[1].value) < 1e-10);
        check_orthonormal(result);
    }
}

BOOST_AUTO_TEST_CASE(more_than_there_are_gives_all) {
    BOOST_TEST(leading_eigenvectors(Matrix{4}, 1, 2).size() == 1U);
    BOOST_TEST(leading_eigenvectors(Matrix{4}, 1, 2).at(0).value == 4, boost::test_tools::tolerance(1e-14));
}

BOOST_AUTO_TEST_SUITE_END()
