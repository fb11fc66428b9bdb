#include "tools/conformance/kernel_cases.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <span>

namespace tapegrad {

const std::vector<KernelTopic>& kernel_topics() {
    static const std::string x = "1 input: x[n]", a_and_b = "2 inputs: a and b, each of y's shape or one element";
    static const std::vector<KernelTopic> topics = {
        {"fill", "y[i] = value", "no inputs; reals: value", fill_calls},
        {"cast", "y[i] = x[i] in y's dtype; to i32 towards zero, what is out of range to the nearest i32, NaN to 0",
         "1 input: x[n] of any dtype", cast_calls},
        {"strided_copy",
         "y[y_offset + sum of i[k] * y_strides[k]] = x[x_offset + sum of i[k] * x_strides[k]] for every index i "
         "within dims; all else of y stays. Strides count elements and may be 0 or below; with rank 0 it is one "
         "element",
         "1 input: x; integers: rank, dims..., x_offset, x_strides..., y_offset, y_strides...", strided_copy_calls},
        {"add", "y[i] = a[i] + b[i]; y may be a", a_and_b, add_calls},
        {"mul", "y[i] = a[i] * b[i]", a_and_b, two_operand_calls},
        {"div", "y[i] = a[i] / b[i]", a_and_b, two_operand_calls},
        {"maximum", "y[i] = the larger of a[i] and b[i]; NaN if one of them is NaN", a_and_b, two_operand_calls},
        {"greater", "y[i] = a[i] > b[i] ? 1 : 0", a_and_b, two_operand_calls},
        {"where", "y[i] = condition[i] != 0 ? a[i] : b[i]; a NaN takes a",
         "3 inputs: condition, a and b, each of y's shape or one element, all of y's dtype", where_calls},
        {"exp", "y[i] = e^x[i]", x, function_calls(-20, 20)},
        {"expm1", "y[i] = e^x[i] - 1, with all digits near 0", x, function_calls(-3, 3)},
        {"log", "y[i] = natural logarithm of x[i]", x, function_calls(0.001, 20)},
        {"log1p", "y[i] = log(1 + x[i]), with all digits near 0", x, function_calls(-0.9, 3)},
        {"sqrt", "y[i] = square root of x[i]", x, function_calls(0, 20)},
        {"tanh", "y[i] = tanh(x[i])", x, function_calls(-4, 4)},
        {"erf", "y[i] = erf(x[i])", x, function_calls(-3, 3)},
        {"pow", "y[i] = a[i]^b[i], as C's pow", a_and_b, two_operand_calls},
        {"reduce_sum", "y[o, i] = sum over r of x[o, r, i]; 0 for no r", "1 input: x[outer, reduced, inner]",
         [](DType) { return reduce_calls(true, false); }},
        {"reduce_max", "y[o, i] = largest over r of x[o, r, i]; NaN if one is NaN", "1 input: x[outer, reduced, inner]",
         [](DType) { return reduce_calls(false, true); }},
        {"matmul",
         "y[n, i, j] = sum over k of a[n, i, k] * b[n, k, j]; y is [B, M, N], a [B, M, K] or, if transpose_a, "
         "[B, K, M], b [B, K, N] or, if transpose_b, [B, N, K]",
         "2 inputs: a, b; integers: transpose_a, transpose_b", matmul_calls},
        {"gather", "y[e] = x[index[e]], rows of W elements",
         "4 inputs: x[N, W], index i32[E], order i32[E], offsets i32[N + 1]", gather_calls},
        {"scatter_sum", "y[s] = sum of x[order[p]] for p = offsets[s] .. offsets[s+1]-1; an empty s gives 0",
         "4 inputs: x[E, W], index i32[E], order i32[E], offsets i32[S + 1]", scatter_calls},
        {"scatter_max",
         "y[s] = largest of x[order[p]] for p = offsets[s] .. offsets[s+1]-1; NaN if one is NaN; an empty s, or -inf "
         "throughout, gives 0",
         "4 inputs: x[E, W], index i32[E], order i32[E], offsets i32[S + 1]", scatter_calls},
        {"random_mask",
         "bit i % 32 of y[i / 32] = draw i < threshold; unused bits are 0. The draws are those of Philox4x32-10 "
         "(Salmon et al., SC 2011; examples/custom_backend/plain.c has it), counted as the table in backend_abi.h "
         "tells",
         "1 input: key i32[3]; integers: call_site, threshold, n", random_mask_calls},
        {"masked_scale", "y[i] = bit i of mask ? x[i] * scale : 0, with scale in y's dtype",
         "2 inputs: x[n], mask i32[ceil(n/32)]; reals: scale", masked_scale_calls},
    };
    return topics;
}

namespace {

std::string text_of(const KernelCall& call) {
    std::string text = to_string(call.inputs) + " -> " + to_string(call.output.shape);
    if (!call.integers.empty()) text += fmt::format("; integers {}", fmt::join(call.integers, " "));
    if (!call.reals.empty()) text += fmt::format("; reals {}", fmt::join(call.reals, " "));
    return text;
}

/// The call on a backend; gives back its output.
Tensor run_call(const KernelId& id, const KernelCall& call, const BackendPtr& backend, DType float_dtype) {
    std::vector<Tensor> inputs;
    std::vector<tg_array> arrays;
    for (const HostTensor& input : call.inputs) {
        inputs.push_back(input.on(backend, float_dtype));
        arrays.push_back(inputs.back().array());
    }
    const Tensor output = call.in_place ? inputs[0] : call.output.on(backend, float_dtype);
    const tg_array result = output.array();
    backend->call(id, backend->kernel(id, output.dtype()), arrays, std::span(&result, 1), call.integers, call.reals);
    return output;
}

}  // namespace

void check_mandatory_kernel(const KernelTopic& topic, DType dtype, Judge& judge) {
    const KernelId id(topic.name);
    // What makes an i32 may read floats of both dtypes.
    const std::vector<DType> float_dtypes =
        dtype == DType::i32 ? std::vector{DType::f32, DType::f64} : std::vector{dtype};
    for (const DType float_dtype : float_dtypes)
        for (const KernelCall& call : topic.calls(dtype))
            judge.compare(
                text_of(call), float_dtype,
                [&](const BackendPtr& backend, DType used) { return std::vector{run_call(id, call, backend, used)}; },
                {.inputs = call.inputs, .relative_to_result = kind_of(topic.name) != KernelKind::sum});
}

}  // namespace tapegrad
