#include "tools/reports/tsne.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "autograd/random.hpp"

using namespace tapegrad;

namespace {

constexpr std::size_t clusters = 3, members = 20, rows = clusters * members, width = 8;

// Rows around three far places, the clusters one after the other.
std::vector<float> three_clusters() {
    HostRandom random(4);
    std::vector<float> values;
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t column = 0; column < width; ++column)
            values.push_back(static_cast<float>(random.normal() + (column == row / members ? 15 : 0)));
    return values;
}

TsneMap map_of(const std::vector<float>& values, const TsneOptions& options = {}) {
    return tsne_map(values, width, principal_components(values, width), options);
}

double squared(const TsneMap& map, std::size_t i, std::size_t j) {
    return std::pow(map.x[i] - map.x[j], 2) + std::pow(map.y[i] - map.y[j], 2);
}

// Equations 1 to 4 of the paper as they are written, for the divergence of a map.
double divergence_by_loops(const std::vector<float>& values, const TsneMap& map, double perplexity) {
    const std::size_t count = map.x.size();
    std::vector<double> conditional(count * count), q(count * count);
    for (std::size_t i = 0; i < count; ++i) {
        double low = 0, high = 100;
        for (int step = 0; step < 200; ++step) {
            const double precision = (low + high) / 2;
            double sum = 0, entropy = 0;
            const auto p = [&](std::size_t j) -> double& { return conditional[i * count + j]; };
            for (std::size_t j = 0; j < count; ++j) {
                double distance = 0;
                for (std::size_t k = 0; k < width; ++k)
                    distance += std::pow(double{values[i * width + k]} - values[j * width + k], 2);
                p(j) = i == j ? 0 : std::exp(-precision * distance);
                sum += p(j);
            }
            for (std::size_t j = 0; j < count; ++j) {
                p(j) /= sum;
                if (p(j) > 0) entropy -= p(j) * std::log2(p(j));
            }
            (std::exp2(entropy) > perplexity ? low : high) = precision;
        }
    }
    double normaliser = 0, divergence = 0;
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t j = 0; j < count; ++j)
            if (i != j) normaliser += q[i * count + j] = 1 / (1 + squared(map, i, j));
    for (std::size_t i = 0; i < count; ++i)
        for (std::size_t j = 0; j < count; ++j) {
            const double p =
                (conditional[i * count + j] + conditional[j * count + i]) / (2 * static_cast<double>(count));
            if (i != j && p > 0) divergence += p * std::log(p * normaliser / q[i * count + j]);
        }
    return divergence;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_tsne)

BOOST_AUTO_TEST_CASE(clusters_stay_apart_and_whole) {
    const TsneMap map = map_of(three_clusters());
    double widest = 0, narrowest = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (i / members == j / members)
                widest = std::max(widest, squared(map, i, j));
            else
                narrowest = std::min(narrowest, squared(map, i, j));
    BOOST_TEST(widest < narrowest);
}

BOOST_AUTO_TEST_CASE(divergence_is_that_of_the_paper_and_falls) {
    const std::vector<float> values = three_clusters();
    const double perplexity = (rows - 1) / 3.0;  // 30 is more than a third of the rows
    const TsneMap map = map_of(values), begun = map_of(values, {.iterations = 0});
    BOOST_TEST(map.divergence == divergence_by_loops(values, map, perplexity), boost::test_tools::tolerance(1e-3));
    BOOST_TEST(begun.divergence == divergence_by_loops(values, begun, perplexity), boost::test_tools::tolerance(1e-3));
    BOOST_TEST(map.divergence < 0.5 * begun.divergence);
}

BOOST_AUTO_TEST_CASE(equal_values_give_the_same_map) {
    const std::vector<float> values = three_clusters();
    const TsneMap one = map_of(values, {.iterations = 60}), other = map_of(values, {.iterations = 60});
    BOOST_TEST(one.x == other.x, boost::test_tools::per_element());
    BOOST_TEST(one.y == other.y, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(rows_that_are_all_alike_have_finite_places) {
    const TsneMap map = map_of(std::vector<float>(10 * width, 2.5f));
    BOOST_REQUIRE(map.x.size() == 10U);
    for (std::size_t i = 0; i < 10; ++i) BOOST_TEST((std::isfinite(map.x[i]) && std::isfinite(map.y[i])));
}

BOOST_AUTO_TEST_CASE(of_too_few_rows_to_have_neighbours_the_principal_components_are_shown) {
    const std::vector<float> values{0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0};
    const TsneMap map = map_of(values);
    BOOST_TEST(map.x == (std::vector<float>{-3, 3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
