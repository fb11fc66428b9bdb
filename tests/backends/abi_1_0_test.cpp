// A plugin that was built with the header of ABI 1.0.
#include <boost/test/unit_test.hpp>

#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
#include "backends/loader.hpp"
#include "tests/autograd/approximately.hpp"

namespace tapegrad::testing {

BOOST_AUTO_TEST_SUITE(backends_abi_1_0)

BOOST_AUTO_TEST_CASE(a_plugin_built_with_the_frozen_header_is_loaded_and_computes) {
    const FoundPlugin found = load_plugin(TAPEGRAD_BINARY_DIR "/test_plugins/abi_1_0/libtapegrad_backend_plain.so");
    BOOST_TEST_REQUIRE((found.plugin != nullptr), found.refusal);
    BOOST_TEST(found.plugin->abi_version == 1U << 16);
    const BackendPtr backend = open_backend(found.path.string());
    const std::vector<double> a = {1, 2, 3, 4, 5, 6}, b = {1, -1, 0.5, 2, 0, 1};
    const Tensor w = parameter(from_values(backend, {2, 3}, a, DType::f64));
    Tape tape;
    const Tensor y = matmul(w, from_values(backend, {3, 2}, b, DType::f64));
    BOOST_TEST(approximately(y, {2, 2}, {1 + 1, -1 + 4 + 3, 4 + 2.5, -4 + 10 + 6}));
    tape.backward(sum(y * y));
    // 2 y b^T
    BOOST_TEST(approximately(w.grad(), {2, 3}, {4 - 12, 2 + 24, 0 + 12, 13 - 24, 6.5 + 48, 0 + 24}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tapegrad::testing
