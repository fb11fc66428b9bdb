// What the tests of the simd backend share: the backend, and a comparison with `reference` computed in f64 from the
// same values.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "autograd/ops.hpp"
#include "autograd/samples.hpp"
#include "tests/autograd/approximately.hpp"

namespace tapegrad::testing {

/// The simd backend, opened once.
inline const BackendPtr& simd() {
    static const BackendPtr backend = open_backend("simd", 2);
    return backend;
}

/// Half a unit in the last place of 1.
inline double rounding(DType dtype) { return dtype == DType::f32 ? std::ldexp(1, -24) : std::ldexp(1, -53); }

inline double largest_finite(const std::vector<double>& values) {
    double largest = 1;
    for (const double value : values)
        if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
    return largest;
}

/// What rounding may do: an op is at most some 16 operations in a row, each right to 4 roundings, and a sum of at most
/// as many terms as the largest input has elements, whose roundings are independent: an error of as many roundings as
/// the square root of their number. Each is relative to the largest number that is met on the way.
inline double allowed_error(const Tensors& inputs, const std::vector<double>& wanted, DType dtype) {
    double largest = largest_finite(wanted), terms = 1;
    for (const Tensor& input : inputs) {
        if (input.dtype() == DType::i32) continue;
        largest = std::max(largest, largest_finite(input.values<double>()));
        terms = std::max(terms, static_cast<double>(input.size()));
    }
    return rounding(dtype) * (64 + std::sqrt(terms)) * largest;
}

/// The same elements on another backend, in another float dtype.
inline Tensor moved(const Tensor& x, const BackendPtr& backend, DType dtype) {
    if (x.dtype() == DType::i32)
        return from_values(backend, x.shape(), std::span<const std::int32_t>(x.values<std::int32_t>()));
    return from_values(backend, x.shape(), x.values<double>(), dtype);
}

inline Tensors moved(const Tensors& all, const BackendPtr& backend, DType dtype) {
    Tensors result;
    for (const Tensor& x : all) result.push_back(moved(x, backend, dtype));
    return result;
}

/// `apply`, or `apply_update` and the tensors that it overwrote.
inline Tensors run(const OpDef& op, const Tensors& inputs, const Attributes& attributes) {
    return op.updates ? apply_update(op, inputs, attributes) : apply(op, inputs, attributes);
}

/// Checks shape and elements of a result.
inline void compare(const Tensor& got, const Tensor& wanted, const Tensors& inputs, DType dtype,
                    const std::string& what) {
    BOOST_TEST_REQUIRE((got.shape() == wanted.shape()), what);
    const std::vector<double> elements = got.values<double>(), values = wanted.values<double>();
    const double allowed = wanted.dtype() == DType::i32 ? 0 : allowed_error(inputs, values, dtype);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const bool equal = elements[i] == values[i] || (std::isnan(elements[i]) && std::isnan(values[i]));
        if (equal || std::abs(elements[i] - values[i]) <= allowed) continue;
        BOOST_ERROR(fmt::format("{}: element {} of {} is {} instead of {} (+- {})", what, i, to_string(got.dtype()),
                                elements[i], values[i], allowed));
        break;
    }
}

/// Runs an op on simd with these inputs, and compares.
inline void check_op(const OpDef& op, const Tensors& inputs, const Attributes& attributes, DType dtype) {
    const Tensors before = moved(inputs, reference(), DType::f64);
    const Tensors wanted = run(op, moved(inputs, reference(), DType::f64), attributes);
    const Tensors got = run(op, inputs, attributes);
    BOOST_TEST_REQUIRE(got.size() == wanted.size());
    for (std::size_t k = 0; k < got.size(); ++k)
        compare(got[k], wanted[k], before, dtype, op.name + " " + to_string(inputs[0].shape()));
}

}  // namespace tapegrad::testing
