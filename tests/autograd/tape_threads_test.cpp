// Each thread has its own tapes and its own backend.
#include <boost/test/unit_test.hpp>
#include <optional>
#include <thread>
#include <vector>

#include "autograd/ops.hpp"
#include "tests/autograd/approximately.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

// The weights of a small network after some steps of gradient descent on a backend of its own.
std::vector<double> trained_weights(std::uint64_t seed) {
    const BackendPtr backend = open_backend("reference");
    HostRandom random(seed);
    const auto normal = [&](const Shape& shape) {
        std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
        for (double& value : values) value = random.normal();
        return from_values(backend, shape, values);
    };
    const Tensor x = normal({16, 4}), target = normal({16, 2}), rate = full(backend, {}, 0.05);
    const Tensor first = parameter(normal({4, 8})), second = parameter(normal({8, 2}));
    const Tensor first_velocity = zeros_like(first), second_velocity = zeros_like(second);
    for (std::uint32_t step = 0; step < 30; ++step) {
        Tape tape;
        RandomStream stream(random_key(backend, seed, step));
        const Tensor hidden = dropout(elu(matmul(x, first)), 0.25, stream.next());
        const std::vector<Tensor> gradients = tape.gradient(mse_loss(matmul(hidden, second), target), {first, second});
        sgd_step(std::vector{SgdTensors{first, first_velocity, gradients[0]},
                            SgdTensors{second, second_velocity, gradients[1]}},
                 rate, 0.9, 1e-3);
    }
    std::vector<double> weights = first.values<double>();
    for (const double value : second.values<double>()) weights.push_back(value);
    return weights;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(autograd_tape_threads)

BOOST_AUTO_TEST_CASE(two_threads_that_train_at_once_get_what_each_gets_alone) {
    const std::vector<double> alone[] = {trained_weights(1), trained_weights(2)};
    BOOST_TEST(alone[0] != alone[1]);
    std::vector<double> at_once[2];
    std::thread other([&] { at_once[0] = trained_weights(1); });
    at_once[1] = trained_weights(2);
    other.join();
    BOOST_TEST(at_once[0] == alone[0], boost::test_tools::per_element());
    BOOST_TEST(at_once[1] == alone[1], boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(tape_records_nothing_of_another_thread) {
    const Tensor x = tensor({}, {2});
    Tape tape;
    tape.watch(x);
    Tensor y;
    std::thread([&] { y = exp(x); }).join();
    BOOST_TEST(tape.nodes().empty());
    BOOST_TEST(!tape.tracks(y));
}

BOOST_AUTO_TEST_CASE(no_tape_holds_for_its_own_thread) {
    const NoTape no_tape;
    bool recorded = false;
    std::thread([&] {
        const Tensor x = tensor({}, {2});
        Tape tape;
        tape.watch(x);
        recorded = tape.tracks(x * x);
    }).join();
    BOOST_TEST(recorded);
}

BOOST_AUTO_TEST_SUITE_END()
