// Ops that the tests of the engine put on tapes; none of them is registered. An op has to outlive the tapes that record
// it.
#pragma once

#include <functional>

#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/infer.hpp"

namespace tapegrad::testing {

/// x * x. Its vjp is exact and calls `seen` first.
inline OpDef square_op(std::function<void(const VjpCall&)> seen = [](const VjpCall&) {}) {
    return {.name = "test_square",
            .infer = infer_same,
            .compose = [](auto in, const Attributes&) -> Tensors { return {in[0] * in[0]}; },
            .vjp = [seen](const VjpCall& call) -> Tensors {
                seen(call);
                return {call.gradient() * call.input(0) * 2.0};
            },
            .saves = {.inputs = {0}}};
}

/// a * b and a + b, without a vjp: differentiated through its composition.
inline OpDef product_and_sum_op() {
    return {.name = "test_product_and_sum",
            .infer = [](const InferCall& call) -> TensorSpecs {
                return {infer_broadcast(call)[0], infer_broadcast(call)[0]};
            },
            .compose = [](auto in, const Attributes&) -> Tensors {
                return {in[0] * in[1], in[0] + in[1]};
            }};
}

inline Tensor apply_to(const OpDef& op, const Tensor& x) { return apply_one(op, {x}); }

}  // namespace tapegrad::testing
