// A tape of a million nodes: no recursion anywhere, and little memory a node.
#include <malloc.h>
#include <pthread.h>

#include <boost/test/unit_test.hpp>
#include <functional>

#include "autograd/ops.hpp"
#include "tests/autograd/approximately.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

// Runs `work` in a thread whose stack has that many bytes.
void run_on_stack(std::size_t bytes, std::function<void()> work) {
    pthread_attr_t attributes;
    BOOST_TEST_REQUIRE(pthread_attr_init(&attributes) == 0);
    BOOST_TEST_REQUIRE(pthread_attr_setstacksize(&attributes, bytes) == 0);
    pthread_t thread;
    const auto start = [](void* function) -> void* {
        (*static_cast<std::function<void()>*>(function))();
        return nullptr;
    };
    BOOST_TEST_REQUIRE(pthread_create(&thread, &attributes, start, &work) == 0);
    pthread_attr_destroy(&attributes);
    BOOST_TEST_REQUIRE(pthread_join(thread, nullptr) == 0);
}

// What the program has taken by malloc.
double allocated_bytes() {
    const struct mallinfo2 info = mallinfo2();
    return static_cast<double>(info.uordblks + info.hblkhd);
}

// f(f(... f(x))), and its gradient.
struct LongChain {
    static constexpr int length = 1'000'000;
    double value = 0, gradient = 0, bytes_a_node = 0;
    std::size_t nodes = 0;

    void run(const std::function<Tensor(const Tensor&)>& f, const Tensor& x) {
        const double before = allocated_bytes();
        Tape tape;
        tape.watch(x);
        Tensor y = x;
        for (int i = 0; i < length; ++i) y = f(y);
        bytes_a_node = (allocated_bytes() - before) / length;
        nodes = tape.nodes().size();
        value = y.item();
        gradient = tape.gradient(y, {x})[0].item();
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(autograd_tape_depth)

// Each product saves both of its inputs, and one of them, a scalar of 64 bytes at least, is new.
BOOST_AUTO_TEST_CASE(a_million_nodes_run_backward_on_a_small_stack_in_less_than_1_kb_each) {
    const Tensor x = tensor({}, {2}), factor = tensor({}, {1 - 1e-6});
    LongChain chain;
    run_on_stack(256 * 1024, [&] { chain.run([&](const Tensor& y) { return y * factor; }, x); });
    BOOST_TEST(chain.nodes == std::size_t{LongChain::length});
    // (1 - 1e-6)^1e6 = exp(-1 - 5e-7 - ...)
    const double power = std::exp(1e6 * std::log1p(-1e-6));
    BOOST_TEST(chain.value == 2 * power, boost::test_tools::tolerance(1e-9));
    BOOST_TEST(chain.gradient == power, boost::test_tools::tolerance(1e-9));
    BOOST_TEST_MESSAGE(chain.bytes_a_node << " bytes a node");
    BOOST_TEST(chain.bytes_a_node < 1024);
}

BOOST_AUTO_TEST_SUITE_END()
