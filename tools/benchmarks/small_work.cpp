#include "tools/benchmarks/small_work.hpp"

#include <utility>
#include <vector>

#include "autograd/ops.hpp"
#include "autograd/samples.hpp"
#include "autograd/tape.hpp"
#include "nn/optimizer.hpp"
#include "tools/benchmarks/measure.hpp"

namespace tapegrad {
namespace {

constexpr int ops_a_call = 1000;

Spread measure_an_op(const std::function<void()>& thousand_ops, double seconds) {
    return scaled(measure_blocks(thousand_ops, seconds), 1.0 / ops_a_call);
}

Spread measure_ops(const BackendPtr& backend, double seconds) {
    const Tensor a = full(backend, {1}, 1);
    return measure_an_op(
        [&] {
            for (int i = 0; i < ops_a_call; ++i) a + a;
        },
        seconds);
}

Spread measure_recording(const BackendPtr& backend, double seconds) {
    const Tensor a = parameter(full(backend, {1}, 1));
    return measure_an_op(
        [&] {
            const Tape tape;
            for (int i = 0; i < ops_a_call; ++i) a + a;
        },
        seconds);
}

Spread measure_chain(const BackendPtr& backend, double seconds) {
    const Tensor a = parameter(full(backend, {16}, 1));
    return measure_an_op(
        [&] {
            Tape tape;
            Tensor h = a;
            for (int i = 0; i < ops_a_call / 2; ++i) h = h * 0.999 + 0.001;
            a.set_grad({});
            tape.backward(sum(h));
        },
        seconds);
}

Spread measure_mlp(const BackendPtr& backend, double seconds) {
    SampleSource source(backend, DType::f32);
    const Tensor x = source.normal({64, 784}), labels = source.integers({64}, 10);
    const auto weights = [&](const Shape& shape) { return parameter(source.normal(shape) * 0.05); };
    const auto zeros = [&](const Shape& shape) { return parameter(full(backend, shape, 0)); };
    const Tensor w1 = weights({784, 128}), b1 = zeros({128}), w2 = weights({128, 10}), b2 = zeros({10});
    Sgd optimizer({{{{"w1", w1}, {"b1", b1}, {"w2", w2}, {"b2", b2}}, 0}}, {.learning_rate = 0.01});
    return measure_blocks(
        [&] {
            Tape tape;
            const Tensor hidden = relu(matmul(x, w1) + b1);
            const Tensor loss = cross_entropy(matmul(hidden, w2) + b2, labels);
            optimizer.zero_grad();
            tape.backward(loss);
            optimizer.step();
        },
        seconds);
}

}  // namespace

SmallWork measure_small_work(const BackendPtr& backend, double seconds) {
    return {.op = measure_ops(backend, seconds),
            .record = measure_recording(backend, seconds),
            .chain = measure_chain(backend, seconds),
            .mlp = measure_mlp(backend, seconds)};
}

}  // namespace tapegrad
