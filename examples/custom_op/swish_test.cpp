// swish_test LIBRARY BACKEND: values and slopes against those worked by hand.
#include <cmath>
#include <cstdio>

#include "autograd/ops/reduce.hpp"
#include "autograd/tape.hpp"
#include "backends/loader.hpp"
#include "nn/extension.hpp"

using namespace tapegrad;

int main(int, char** arguments) {
    load_extension(arguments[1]);
    const double l = std::log(3.0);  // sigmoid(l) = 3/4, sigmoid(-l) = 1/4
    const Tensor x = from_values(open_backend(arguments[2]), {3}, std::vector<double>{0, l / 2, -l / 2});
    Tape tape;
    tape.watch(x);
    const Tensor y = apply_one(find_op("swish"), {x}, {{"beta", 2.0}}), slope = tape.gradient(sum(y), {x})[0];
    const double values[] = {0, l * 3 / 8, -l / 8}, slopes[] = {0.5, 0.75 + l * 3 / 16, 0.25 - l * 3 / 16};
    double error = 0;
    for (std::size_t i = 0; i < 3; ++i)
        error += std::abs(y.values<double>()[i] - values[i]) + std::abs(slope.values<double>()[i] - slopes[i]);
    std::printf("the sum of all errors is %g\n", error);
    return error < 1e-6 ? 0 : 1;
}
