// What samples of single ops are too small for.
#include <boost/test/unit_test.hpp>

#include "autograd/ops/optimizer_ops.hpp"
#include "tests/backends/recording_backend.hpp"

namespace tapegrad::testing {

BOOST_AUTO_TEST_SUITE(backends_cuda_on_host, *boost::unit_test::precondition(can_record))

BOOST_AUTO_TEST_CASE(more_parameters_than_one_launch_takes_are_all_updated) {
    const BackendPtr backend = recording_backend();
    const auto values = [&](int k, double first) {
        std::vector<double> numbers(static_cast<std::size_t>(k % 5 * 100));
        for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = first + static_cast<double>(i % 17);
        return from_values(backend, {static_cast<std::int64_t>(numbers.size())}, numbers);
    };
    std::vector<AdamTensors> together, alone;
    for (int k = 0; k < 67; ++k)
        for (std::vector<AdamTensors>* const list : {&together, &alone})
            list->push_back({values(k, k), values(k, 1), values(k, 2), values(k, 3 + k)});
    const Tensor numbers = from_values(backend, {3}, std::array{0.5F, 2.0F, 3.0F});
    adam_step(together, numbers, {.weight_decay = 0.1});
    for (const AdamTensors& parameter : alone) adam_step(std::span(&parameter, 1), numbers, {.weight_decay = 0.1});
    for (std::size_t k = 0; k < together.size(); ++k)
        for (std::size_t role = 0; role < 3; ++role)
            BOOST_TEST(together[k][role].values<float>() == alone[k][role].values<float>(), "parameter " << k);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tapegrad::testing
