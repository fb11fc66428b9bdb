// What samples of single ops are too small for.
#include <boost/test/unit_test.hpp>

#include "autograd/ops/optimizer_ops.hpp"
#include "tests/backends/recording_backend.hpp"

namespace tapegrad::testing {

BOOST_AUTO_TEST_SUITE(backends_cuda_on_host, *boost::unit_test::precondition(can_record))

BOOST_AUTO_TEST_CASE(more_parameters_than_one_launch_takes_are_all_updated) {
    const BackendPtr backend = recording_backend();
    std::vector<SgdTensors> parameters;
    for (int k = 0; k < 67; ++k) {
        const auto of_ones = [&](double value) { return full(backend, {k % 5 * 100}, value); };
        parameters.push_back({of_ones(k), of_ones(0), of_ones(2)});
    }
    sgd_step(parameters, full(backend, {}, 0.5), 0, 0);
    for (int k = 0; k < 67; ++k) {
        const std::vector<double> w = parameters[static_cast<std::size_t>(k)][0].values<double>();
        BOOST_TEST(w == std::vector<double>(static_cast<std::size_t>(k % 5 * 100), k - 1.0), "parameter " << k);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tapegrad::testing
