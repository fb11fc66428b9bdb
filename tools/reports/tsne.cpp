#include "tools/reports/tsne.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace tapegrad {
namespace {

using Floats = std::vector<float>;

constexpr int exaggerated_iterations = 250;
constexpr float exaggeration = 12;

// A matrix [N, N] that is read 16 neighbouring columns at a time, row by row: these lie together.
class TiledMatrix {
public:
    static constexpr std::size_t lanes = 16;

    explicit TiledMatrix(std::size_t size) : size_(size), elements_((size + lanes - 1) / lanes * lanes * size) {}
    float& at(std::size_t row, std::size_t column) {
        return elements_[(column / lanes * size_ + row) * lanes + column % lanes];
    }
    float at(std::size_t row, std::size_t column) const { return const_cast<TiledMatrix*>(this)->at(row, column); }
    // All rows of the 16 columns from `column` on.
    const float* tile(std::size_t column) const { return elements_.data() + column * size_; }

private:
    std::size_t size_;
    Floats elements_;
};

// The squared distances from a row to all. `columns` [D, N] holds the values column by column.
void squared_distances(const Floats& columns, std::size_t row, Floats& distances) {
    const std::size_t rows = distances.size();
    std::ranges::fill(distances, 0.0f);
    for (std::size_t begin = 0; begin < columns.size(); begin += rows) {
        const float* const column = columns.data() + begin;
        const float own = column[row];
        for (std::size_t j = 0; j < rows; ++j) distances[j] += (column[j] - own) * (column[j] - own);
    }
}

// p_j|i of equation 1 into `p`, with the precision of row i at which their entropy is ln(perplexity), by bisection.
void conditional_probabilities(const Floats& distances, std::size_t row, double perplexity, Floats& p) {
    const double wanted = std::log(perplexity);
    float nearest = std::numeric_limits<float>::infinity();
    for (std::size_t j = 0; j < p.size(); ++j)
        if (j != row) nearest = std::min(nearest, distances[j]);
    double precision = 1, low = 0, high = std::numeric_limits<double>::infinity();
    for (int step = 0; step < 100; ++step) {
        double sum = 0, weighted = 0;
        for (std::size_t j = 0; j < p.size(); ++j) {
            const float farther = distances[j] - nearest;  // the nearest row has weight 1, so that no sum is 0
            p[j] = j == row ? 0 : std::exp(static_cast<float>(-precision) * farther);
            sum += p[j];
            weighted += static_cast<double>(p[j]) * farther;
        }
        for (float& probability : p) probability = static_cast<float>(probability / sum);
        const double entropy = std::log(sum) + precision * weighted / sum;
        if (std::abs(entropy - wanted) < 1e-5) return;
        (entropy > wanted ? low : high) = precision;
        precision = std::isinf(high) ? 2 * precision : (low + high) / 2;
    }
}

// p_ij = (p_j|i + p_i|j) / 2N of all pairs.
TiledMatrix joint_probabilities(std::span<const float> values, std::size_t width, double perplexity) {
    const std::size_t rows = values.size() / width;
    Floats columns(values.size()), distances(rows), p(rows);
    for (std::size_t i = 0; i < values.size(); ++i) columns[i % width * rows + i / width] = values[i];
    TiledMatrix joint(rows);
    for (std::size_t i = 0; i < rows; ++i) {
        squared_distances(columns, i, distances);
        conditional_probabilities(distances, i, perplexity, p);
        for (std::size_t j = 0; j < rows; ++j) joint.at(i, j) = p[j];
    }
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j <= i; ++j)
            joint.at(i, j) = joint.at(j, i) = (joint.at(i, j) + joint.at(j, i)) / static_cast<float>(2 * rows);
    return joint;
}

// The places of the rows, what the last iteration moved them by, and how far they go in a step.
struct Plane {
    explicit Plane(std::size_t rows) : x(rows), y(rows), step_x(rows), step_y(rows), gain_x(rows, 1), gain_y(rows, 1) {}
    Floats x, y, step_x, step_y, gain_x, gain_y;
};

// Of the gradient of 16 rows: sum_j p_ij w_ij (y_i - y_j) and sum_j w_ij^2 (y_i - y_j) with w_ij = 1 / (1 + |y_i -
// y_j|^2), and sum_j w_ij.
struct Forces {
    static constexpr std::size_t lanes = TiledMatrix::lanes;
    std::array<float, lanes> attract_x{}, attract_y{}, repel_x{}, repel_y{}, weights{};
};

Forces forces_on(const float* p, const Plane& plane, std::size_t first) {
    constexpr std::size_t lanes = Forces::lanes;
    Forces sums;
    std::array<float, lanes> x{}, y{};
    for (std::size_t lane = 0; lane < lanes && first + lane < plane.x.size(); ++lane)
        x[lane] = plane.x[first + lane], y[lane] = plane.y[first + lane];
    for (std::size_t j = 0; j < plane.x.size(); ++j, p += lanes)
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            const float dx = x[lane] - plane.x[j], dy = y[lane] - plane.y[j];
            const float w = 1 / (1 + dx * dx + dy * dy), pw = p[lane] * w, ww = w * w;
            sums.attract_x[lane] += pw * dx;
            sums.attract_y[lane] += pw * dy;
            sums.repel_x[lane] += ww * dx;
            sums.repel_y[lane] += ww * dy;
            sums.weights[lane] += w;
        }
    return sums;
}

// Equation 5, with p_ij taken `exaggerated` times.
void gradient(const TiledMatrix& p, const Plane& plane, float exaggerated, Floats& gradient_x, Floats& gradient_y) {
    constexpr std::size_t lanes = Forces::lanes;
    const std::size_t rows = plane.x.size();
    std::vector<Forces> forces;
    double normaliser = -static_cast<double>(rows);  // a row itself, whose weight is 1, does not count
    for (std::size_t first = 0; first < rows; first += lanes) {
        forces.push_back(forces_on(p.tile(first), plane, first));
        const auto& weights = forces.back().weights;
        const std::size_t used = std::min(lanes, rows - first);
        normaliser = std::accumulate(weights.begin(), weights.begin() + used, normaliser);
    }
    const auto share = static_cast<float>(1 / normaliser);
    for (std::size_t i = 0; i < rows; ++i) {
        const Forces& of = forces[i / lanes];
        const std::size_t lane = i % lanes;
        gradient_x[i] = 4 * (exaggerated * of.attract_x[lane] - share * of.repel_x[lane]);
        gradient_y[i] = 4 * (exaggerated * of.attract_y[lane] - share * of.repel_y[lane]);
    }
}

// Gradient descent with momentum; a row that goes on in its direction takes longer steps.
void move(Floats& places, Floats& steps, Floats& gains, const Floats& slopes, float momentum, float rate) {
    for (std::size_t i = 0; i < places.size(); ++i) {
        gains[i] = steps[i] * slopes[i] < 0 ? gains[i] + 0.2f : std::max(0.8f * gains[i], 0.01f);
        steps[i] = momentum * steps[i] - rate * gains[i] * slopes[i];
        places[i] += steps[i];
    }
}

// sum_ij p_ij ln(p_ij / q_ij) with q of equation 4.
double divergence(const TiledMatrix& p, const Plane& plane) {
    const std::size_t rows = plane.x.size();
    const auto weight = [&](std::size_t i, std::size_t j) {
        const double dx = plane.x[i] - plane.x[j], dy = plane.y[i] - plane.y[j];
        return 1 / (1 + dx * dx + dy * dy);
    };
    double normaliser = 0, sum = 0;
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < i; ++j) normaliser += 2 * weight(i, j);
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (const double pair = p.at(i, j); pair > 0) sum += 2 * pair * std::log(pair * normaliser / weight(i, j));
    return sum;
}

}  // namespace

TsneMap tsne_map(std::span<const float> values, std::int64_t width, const PrincipalComponents& components,
                 const TsneOptions& options) {
    const std::size_t rows = components.x.size();
    if (rows < 4) return {{components.x.begin(), components.x.end()}, {components.y.begin(), components.y.end()}, 0};
    const double perplexity = std::min(options.perplexity, static_cast<double>(rows - 1) / 3);
    const TiledMatrix p = joint_probabilities(values, static_cast<std::size_t>(width), perplexity);

    double square = 0;
    for (const double x : components.x) square += x * x / static_cast<double>(rows);
    const double scale = square > 0 ? 1e-4 / std::sqrt(square) : 0;  // so near that all see each other
    Plane plane(rows);
    for (std::size_t i = 0; i < rows; ++i) {
        plane.x[i] = static_cast<float>(scale * components.x[i]);
        plane.y[i] = static_cast<float>(scale * components.y[i]);
    }
    const float rate = std::max(50.0f, static_cast<float>(rows) / (4 * exaggeration));
    Floats gradient_x(rows), gradient_y(rows);
    for (int iteration = 0; iteration < options.iterations; ++iteration) {
        const bool early = iteration < exaggerated_iterations;
        gradient(p, plane, early ? exaggeration : 1, gradient_x, gradient_y);
        move(plane.x, plane.step_x, plane.gain_x, gradient_x, early ? 0.5f : 0.8f, rate);
        move(plane.y, plane.step_y, plane.gain_y, gradient_y, early ? 0.5f : 0.8f, rate);
    }
    return {plane.x, plane.y, divergence(p, plane)};
}

}  // namespace tapegrad
