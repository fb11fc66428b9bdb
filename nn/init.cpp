#include "nn/init.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace tapegrad {

namespace {

// In pieces, so that a large tensor takes no memory of its size on the host.
template <typename T, typename Draw>
void draw_into(const Tensor& target, Draw draw) {
    constexpr std::int64_t piece_length = 1 << 16;
    std::vector<T> piece;
    for (std::int64_t start = 0; start < target.size(); start += piece_length) {
        piece.resize(static_cast<std::size_t>(std::min(piece_length, target.size() - start)));
        std::ranges::generate(piece, [&] { return static_cast<T>(draw()); });
        target.backend()->upload(static_cast<T*>(target.array().data) + start, piece.data(), piece.size() * sizeof(T));
    }
}

template <typename Draw>
Tensor drawn(const Shape& shape, const LayerInputs& inputs, Draw draw) {
    const Tensor result(inputs.backend, shape, inputs.dtype);
    if (!inputs.backend->computes()) return result;
    if (inputs.dtype == DType::f64)
        draw_into<double>(result, draw);
    else
        draw_into<float>(result, draw);
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
