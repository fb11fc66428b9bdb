// What the tests of layers share: the reference backend, f64 tensors, small graphs, and comparisons.
#pragma once

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "autograd/errors.hpp"
#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
#include "backends/loader.hpp"
#include "nn/layer_registry.hpp"
#include "tests/autograd/approximately.hpp"

namespace tapegrad::testing {

inline const BackendPtr& reference_backend() {
    return reference();
}

inline Tensor f64(const Shape& shape, const std::vector<double>& values) {
    return from_values(reference_backend(), shape, std::span<const double>(values), DType::f64);
}

inline Tensor random_f64(const Shape& shape, HostRandom& random) {
    std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
    for (double& value : values) value = random.normal();
    return f64(shape, values);
}

/// The [rows, columns] matrix with an entry for each value that is not 0.
inline SparseMatrix sparse_f64(const Tensor& dense) {
    const std::vector<double> elements = dense.values<double>();
    const std::int64_t columns = dense.shape()[1];
    std::vector<std::int32_t> row_index, column_index;
    std::vector<double> values;
    for (std::size_t i = 0; i < elements.size(); ++i) {
        if (elements[i] == 0) continue;
        row_index.push_back(static_cast<std::int32_t>(static_cast<std::int64_t>(i) / columns));
        column_index.push_back(static_cast<std::int32_t>(static_cast<std::int64_t>(i) % columns));
        values.push_back(elements[i]);
    }
    const BackendPtr& backend = reference_backend();
    return {f64({static_cast<std::int64_t>(values.size())}, values),
            make_grouping(backend, row_index, dense.shape()[0]), make_grouping(backend, column_index, columns)};
}

inline Graph graph_f64(const std::vector<Edge>& edges, std::int64_t nodes) {
    return make_graph(reference_backend(), edges, nodes, DType::f64);
}

/// Edges between random nodes; some pairs twice, some nodes without any.
inline std::vector<Edge> random_edges(std::size_t count, std::int64_t nodes, HostRandom& random) {
    std::vector<Edge> edges(count);
    for (Edge& edge : edges)
        edge = {static_cast<std::int32_t>(random.integer(nodes)), static_cast<std::int32_t>(random.integer(nodes))};
    return edges;
}

/// The dense result of a layer.
inline Tensor run(Module& module, const Value& x, const ForwardContext& context = {}) {
    return std::get<Tensor>(module.forward(x, context));
}

inline Tensor parameter_of(const Module& module, const std::string& name) {
    for (const auto& [known, value] : module.parameters())
        if (known == name) return value;
    throw std::runtime_error("the module has no parameter " + name);
}

/// Fills every parameter with random numbers, biases too.
inline void randomise(const Module& module, HostRandom& random) {
    for (const auto& [name, value] : module.parameters()) assign(value, random_f64(value.shape(), random));
}

/// Fails the test unless |actual - expected| <= tolerance * max(1, |expected|) for every element.
inline void check_close(const std::vector<double>& actual, const std::vector<double>& expected, double tolerance,
                        const std::string& what) {
    BOOST_REQUIRE_MESSAGE(actual.size() == expected.size(),
                          what << ": " << actual.size() << " elements, expected " << expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i) {
        const bool is_close = std::abs(actual[i] - expected[i]) <= tolerance * std::max(1.0, std::abs(expected[i]));
        BOOST_CHECK_MESSAGE(is_close, what << ": element " << i << " is " << actual[i] << ", expected " << expected[i]);
    }
}

inline void check_close(const Tensor& actual, const std::vector<double>& expected, double tolerance,
                        const std::string& what) {
    check_close(actual.values<double>(), expected, tolerance, what);
}

inline void check_close(const Tensor& actual, const Tensor& expected, double tolerance, const std::string& what) {
    BOOST_CHECK_MESSAGE(actual.shape() == expected.shape(), what << ": shape " << to_string(actual.shape())
                                                                 << ", expected " << to_string(expected.shape()));
    check_close(actual, expected.values<double>(), tolerance, what);
}

/// Something to build f64 layers from; equal seeds give equal weights.
struct LayerSource {
    explicit LayerSource(std::uint64_t seed = 7) : random(seed) {}
    LayerInputs inputs(std::int64_t in_features) { return {in_features, reference_backend(), random, DType::f64}; }

    HostRandom random;
};

}  // namespace tapegrad::testing
