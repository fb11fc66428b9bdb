#include "autograd/ops/infer.hpp"

#include <fmt/format.h>

#include "autograd/errors.hpp"

namespace tapegrad {

DType common_float(const InferCall& call, std::size_t first, std::size_t last) {
    const DType dtype = call.dtype(first);
    for (std::size_t i = first; i <= last; ++i)
        if (call.dtype(i) != dtype || dtype == DType::i32)
            throw TypeError(call.op, "inputs of one dtype, f32 or f64",
                            fmt::format("{} and {}", to_string(dtype), to_string(call.dtype(i))), "cast one of them");
    return dtype;
}

void require_i32(const InferCall& call, std::size_t input) {
    if (call.dtype(input) != DType::i32)
        throw TypeError(call.op, fmt::format("i32 for input {}", input), to_string(call.dtype(input)), "cast it");
}

void require_grouping(const InferCall& call, std::size_t first) {
    for (std::size_t i = first; i < first + 3; ++i) require_i32(call, i);
    const Shape &index = call.shape(first), &order = call.shape(first + 1), &offsets = call.shape(first + 2);
    if (index.rank() != 1 || order != index || offsets.rank() != 1 || offsets[0] < 1)
        throw ShapeError(call.op, "a grouping: index [E], order [E] and offsets [G + 1]",
                         fmt::format("{}, {} and {}", to_string(index), to_string(order), to_string(offsets)),
                         "pass what make_grouping gave");
}

void require_random_key(const InferCall& call, std::size_t input) {
    require_i32(call, input);
    if (call.shape(input) != Shape{3})
        throw ShapeError(call.op, "a random key of shape [3]", to_string(call.shape(input)), "make it with random_key");
}

void require_attention_vectors(const InferCall& call, std::size_t first) {
    const Shape &z = call.shape(first), &source = call.shape(first + 1), &target = call.shape(first + 2);
    if (z.rank() != 3 || source != Shape{z[1], z[2]} || target != source)
        throw ShapeError(call.op, "z [N, H, F], a_source [H, F] and a_target [H, F]",
                         to_string(z) + ", " + to_string(source) + ", " + to_string(target), "check the shapes");
}

Shape mask_shape(std::int64_t count) { return {count / 32 + (count % 32 != 0 ? 1 : 0)}; }

void check_probability(const std::string& op, double probability) {
    if (!(probability >= 0 && probability <= 1))
        throw ShapeError(op, "a probability from 0 to 1", fmt::format("{}", probability), "check the dropout rate");
}

TensorSpecs infer_broadcast(const InferCall& call) {
    const DType dtype = common_float(call, 0, call.inputs.size() - 1);
    Shape shape = call.shape(0);
    for (std::size_t i = 1; i < call.inputs.size(); ++i) shape = broadcast(call.op, shape, call.shape(i));
    return {{shape, dtype}};
}

TensorSpecs infer_same(const InferCall& call) { return {{call.shape(0), common_float(call, 0, 0)}}; }

}  // namespace tapegrad
