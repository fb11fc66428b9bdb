#include "tools/reports/principal_components.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "tools/reports/symmetric_eigenvectors.hpp"

namespace tapegrad {
namespace {

// `values` less the mean of each column.
std::vector<double> centred(std::span<const float> values, std::size_t width) {
    std::vector<double> means(width), result(values.begin(), values.end());
    const double rows = static_cast<double>(values.size()) / static_cast<double>(width);
    for (std::size_t i = 0; i < values.size(); ++i) means[i % width] += values[i] / rows;
    for (std::size_t i = 0; i < values.size(); ++i) result[i] -= means[i % width];
    return result;
}

// X^T X, of which the lower triangle is computed and mirrored.
std::vector<double> scatter_matrix(const std::vector<double>& x, std::size_t width) {
    std::vector<double> scatter(width * width);
    for (std::size_t row = 0; row < x.size(); row += width)
        for (std::size_t i = 0; i < width; ++i) {
            const double factor = x[row + i];
            if (factor == 0) continue;
            for (std::size_t j = 0; j <= i; ++j) scatter[i * width + j] += factor * x[row + j];
        }
    for (std::size_t i = 0; i < width; ++i)
        for (std::size_t j = i + 1; j < width; ++j) scatter[i * width + j] = scatter[j * width + i];
    return scatter;
}

std::vector<double> along(const std::vector<double>& x, const std::vector<double>& direction) {
    const std::size_t width = direction.size();
    std::vector<double> distances;
    for (auto row = x.begin(); row != x.end(); row += static_cast<std::ptrdiff_t>(width))
        distances.push_back(std::inner_product(direction.begin(), direction.end(), row, 0.0));
    return distances;
}

}  // namespace

PrincipalComponents principal_components(std::span<const float> values, std::int64_t width) {
    const auto columns = static_cast<std::size_t>(width);
    const std::vector<double> x = centred(values, columns);
    const std::vector<double> scatter = scatter_matrix(x, columns);
    double total = 0;
    for (std::size_t i = 0; i < columns; ++i) total += scatter[i * columns + i];

    PrincipalComponents result{std::vector<double>(values.size() / columns), {}, {0, 0}};
    result.y = result.x;
    std::vector<Eigenvector> directions = leading_eigenvectors(scatter, columns, 2);
    for (std::size_t k = 0; k < directions.size() && directions[k].value > 1e-12 * total; ++k) {
        std::vector<double>& direction = directions[k].vector;
        const auto larger = [](double a, double b) { return std::abs(a) < std::abs(b); };
        if (*std::ranges::max_element(direction, larger) < 0)
            for (double& element : direction) element = -element;
        (k == 0 ? result.x : result.y) = along(x, direction);
        result.explained[k] = directions[k].value / total;
    }
    return result;
}

}  // namespace tapegrad
