// What the tests of the reference backend share: the opened plugin, values to compute with, and comparisons.
#pragma once

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <tuple>

#include "tests/backends/opened_backend.hpp"

namespace tapegrad::tests {

using Reals = std::tuple<float, double>;

inline constexpr auto nan = std::numeric_limits<double>::quiet_NaN();
inline constexpr auto inf = std::numeric_limits<double>::infinity();

/// The plugin under test: `reference`, or the file that the environment variable TAPEGRAD_TEST_PLUGIN names. What these
/// tests hold of a kernel holds of every backend.
inline std::string plugin_under_test() {
    const char* const file = std::getenv("TAPEGRAD_TEST_PLUGIN");
    return file != nullptr ? file : TAPEGRAD_BINARY_DIR "/lib/libtapegrad_backend_reference.so";
}

struct Reference : OpenedBackend {
    Reference() : OpenedBackend(plugin_under_test()) {}

    template <class T>
    DeviceArray vector(const std::vector<T>& values) const {
        return upload({static_cast<std::int64_t>(values.size())}, values);
    }
};

/// Values of both signs, none of them 0, that repeat only after 1009 elements.
template <class T>
std::vector<T> values_of(std::size_t count, int seed = 0) {
    std::vector<T> values(count);
    for (std::size_t i = 0; i < count; ++i)
        values[i] = static_cast<T>(int((i * 389 + seed * 71) % 1009) - 503.5) / T(97);
    return values;
}

/// Equal up to `ulps` units in the last place; NaN equals NaN.
template <class T, class Wanted>
void check_equal(const std::vector<T>& got, const std::vector<Wanted>& wanted, int ulps = 0) {
    BOOST_TEST_REQUIRE(got.size() == wanted.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
        const auto w = static_cast<T>(wanted[i]);
        const auto tolerance = static_cast<T>(ulps) * std::numeric_limits<T>::epsilon() * std::abs(w);
        const bool equal = got[i] == w || (got[i] != got[i] && w != w) || std::abs(got[i] - w) <= tolerance;
        if (!equal) {
            BOOST_ERROR("element " << i << " is " << got[i] << " instead of " << w);
            return;
        }
    }
}

}  // namespace tapegrad::tests
