// Tensors, a tape, a gradient, a second derivative, and a small network fitted to a sine.
#include <cmath>
#include <cstdio>
#include <vector>

#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
#include "backends/loader.hpp"
#include "nn/optimizer.hpp"

using namespace tapegrad;
int main() {
    const BackendPtr backend = open_backend("auto");
    const Tensor x = full(backend, {}, 2, DType::f64);
    Tape outer;
    outer.watch(x);
    Tape inner;
    inner.watch(x);
    const Tensor first = inner.gradient(x * x * x, {x})[0];  // 3 x^2, itself recorded by the outer tape
    const Tensor second = outer.gradient(first, {x})[0];     // 6 x
    std::printf("x^3 at 2: first derivative %g, second derivative %g\n", first.item(), second.item());
    HostRandom random(0);
    std::vector<float> inputs(64), targets(64), weights(16);
    for (std::size_t i = 0; i < 64; ++i) targets[i] = std::sin(inputs[i] = 0.1F * static_cast<float>(i) - 3.2F);
    for (float& weight : weights) weight = static_cast<float>(random.normal());
    const Tensor points = from_values(backend, {64, 1}, inputs), sine = from_values(backend, {64, 1}, targets);
    const Tensor w1 = parameter(from_values(backend, {1, 16}, weights)), b1 = parameter(full(backend, {16}, 0.1));
    const Tensor w2 = parameter(full(backend, {16, 1}, 0.1)), b2 = parameter(full(backend, {1}, 0));
    Adam optimizer({{.parameters = {{"w1", w1}, {"b1", b1}, {"w2", w2}, {"b2", b2}}}}, {.learning_rate = 0.02});
    for (int step = 0; step <= 1000; ++step) {
        Tape tape;
        const Tensor loss = mse_loss(matmul(tanh(matmul(points, w1) + b1), w2) + b2, sine);
        tape.backward(loss);
        optimizer.step();
        optimizer.zero_grad();
        if (step % 250 == 0) std::printf("step %4d: loss %.6f\n", step, loss.item());
    }
}
