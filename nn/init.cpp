#include "nn/init.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace tapegrad {

namespace {

template <typename Draw>
Tensor drawn(const Shape& shape, const LayerInputs& inputs, Draw draw) {
    const Tensor result(inputs.backend, shape, inputs.dtype);  // first, for what has no room need not be drawn
    std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
    std::ranges::generate(values, draw);
    assign(result, values);
    return result;
}

double variance(Fans fans) { return 2.0 / static_cast<double>(fans.in + fans.out); }

}  // namespace

Tensor glorot_uniform(const Shape& shape, Fans fans, const LayerInputs& inputs) {
    const double limit = std::sqrt(3 * variance(fans));
    return drawn(shape, inputs, [&] { return inputs.random.uniform(-limit, limit); });
}

Tensor glorot_normal(const Shape& shape, Fans fans, const LayerInputs& inputs) {
    const double deviation = std::sqrt(variance(fans));
    return drawn(shape, inputs, [&] { return deviation * inputs.random.normal(); });
}

Tensor zeros(const Shape& shape, const LayerInputs& inputs) { return full(inputs.backend, shape, 0, inputs.dtype); }

}  // namespace tapegrad
