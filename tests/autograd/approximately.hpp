// What the tests of the engine share: the backend they run on, tensors from plain numbers, and one comparison.
#pragma once

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "autograd/ops/reduce.hpp"
#include "autograd/tape.hpp"
#include "backends/loader.hpp"

namespace tapegrad::testing {

inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();
inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr DType float_types[] = {DType::f32, DType::f64};

/// The backend that the tests of the engine and the ops run on, opened once: reference, or the one that the environment
/// variable TAPEGRAD_TEST_BACKEND names.
inline const BackendPtr& reference() {
    static const BackendPtr backend = [] {
        const char* const name = std::getenv("TAPEGRAD_TEST_BACKEND");
        return open_backend(name == nullptr ? "reference" : name, name == nullptr ? 1 : 2);
    }();
    return backend;
}

inline Tensor tensor(const Shape& shape, const std::vector<double>& values, DType dtype = DType::f64) {
    return from_values(reference(), shape, values, dtype);
}

/// Has `got` this shape and, up to tolerance * max(1, |wanted|), these elements? NaN equals NaN. Without a tolerance:
/// what its dtype's digits allow.
inline boost::test_tools::assertion_result approximately(const Tensor& got, const Shape& shape,
                                                         const std::vector<double>& wanted, double tolerance = -1) {
    boost::test_tools::assertion_result result(true);
    const auto fail = [&](const std::string& message) {
        result = false;
        result.message() << message;
        return result;
    };
    if (got.shape() != shape)
        return fail(fmt::format("shape {} instead of {}", to_string(got.shape()), to_string(shape)));
    if (tolerance < 0) tolerance = got.dtype() == DType::f64 ? 1e-12 : got.dtype() == DType::f32 ? 2e-6 : 0;
    const std::vector<double> elements = got.values<double>();
    if (elements.size() != wanted.size()) return fail(fmt::format("{} expected values were given", wanted.size()));
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const double allowed = std::isfinite(wanted[i]) ? tolerance * std::max(1.0, std::abs(wanted[i])) : 0;
        const bool equal = elements[i] == wanted[i] || (std::isnan(elements[i]) && std::isnan(wanted[i])) ||
                           std::abs(elements[i] - wanted[i]) <= allowed;
        if (!equal)
            return fail(fmt::format("element {} of {} {} is {} instead of {}", i, to_string(got.dtype()),
                                    to_string(shape), elements[i], wanted[i]));
    }
    return result;
}

/// The gradient of sum(f(x)).
template <typename Function>
Tensor gradient_of_sum(const Function& f, const Tensor& x) {
    Tape tape;
    tape.watch(x);
    return tape.gradient(sum(f(x)), {x})[0];
}

}  // namespace tapegrad::testing
