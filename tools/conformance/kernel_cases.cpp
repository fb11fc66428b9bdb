#include "tools/conformance/kernel_cases.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "autograd/kernels.hpp"
#include "autograd/random.hpp"

namespace tapegrad {
namespace {

using Calls = std::vector<KernelCall>;

constexpr double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
/// Around the lengths of vectors, and long enough to be cut up.
constexpr std::array<std::int64_t, 14> sizes = {0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 1009, 70001};
constexpr std::array<std::int64_t, 13> widths = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 67};

HostTensor drawn(const Shape& shape, const std::function<double(HostRandom&)>& draw) {
    HostRandom random(static_cast<std::uint64_t>(element_count(shape)) + shape.rank());
    HostTensor result{shape, true, std::vector<double>(static_cast<std::size_t>(element_count(shape)))};
    std::ranges::generate(result.elements, [&] { return draw(random); });
    return result;
}

/// Small whole numbers but 0: their sums and products are exact in every dtype.
HostTensor whole(const Shape& shape) {
    return drawn(shape, [](HostRandom& random) {
        const auto x = static_cast<double>(random.integer(6));
        return x < 3 ? x - 3 : x - 2;
    });
}

HostTensor fractions(const Shape& shape, double low, double high) {
    return drawn(shape, [=](HostRandom& random) { return double{static_cast<float>(random.uniform(low, high))}; });
}

HostTensor integers(std::vector<double> elements) {
    return {{static_cast<std::int64_t>(elements.size())}, false, std::move(elements)};
}

/// Elements that no kernel computes: what is left of them was not written.
HostTensor unset(const Shape& shape, DType dtype = DType::f32) {
    return {shape, dtype != DType::i32, std::vector<double>(static_cast<std::size_t>(element_count(shape)), 77)};
}

HostTensor in_dtype(HostTensor x, DType dtype) {
    x.is_float = dtype != DType::i32;
    return x;
}

Calls fill_calls(DType dtype) {
    Calls calls;
    for (const std::int64_t size : sizes)
        for (const double value : {0.0, -3.0, dtype == DType::i32 ? 7.0 : 0.25})
            calls.push_back({{}, unset({size}, dtype), {}, {value}});
    return calls;
}

Calls cast_calls(DType dtype) {
    Calls calls;
    for (const std::int64_t size : sizes)
        for (const bool from_float : {true, false}) {
            HostTensor x = whole({size});
            if (from_float)
                for (double& element : x.elements) element *= 1.25;
            x.is_float = from_float;
            calls.push_back({{x}, unset({size}, dtype)});
        }
    HostTensor extreme = {{8}, true, {nan, infinity, -infinity, 1e30, -1e30, 2147483520, -2147483648.0, -0.75}};
    calls.push_back({{extreme}, unset(extreme.shape, dtype)});
    return calls;
}

/// rank, extents, then offset and strides of x and of y.
KernelCall copy_call(DType dtype, std::int64_t x_size, std::int64_t y_size, std::vector<std::int64_t> layout) {
    HostTensor x = in_dtype(unset({x_size}), dtype);
    for (std::size_t i = 0; i < x.elements.size(); ++i) x.elements[i] = static_cast<double>(i % 1000);
    return {{x}, unset({y_size}, dtype), std::move(layout)};
}

Calls strided_copy_calls(DType dtype) {
    Calls calls = {
        copy_call(dtype, 5, 4, {0, 3, 1}),                                    // one element
        copy_call(dtype, 6, 6, {2, 3, 2, 0, 1, 3, 0, 2, 1}),                  // transposed
        copy_call(dtype, 9, 12, {1, 9, 8, -1, 2, 1}),                         // backwards
        copy_call(dtype, 1, 20, {1, 17, 0, 0, 1, 1}),                         // repeated
        copy_call(dtype, 10, 30, {1, 0, 0, 1, 0, 1}),                         // nothing
        copy_call(dtype, 24, 60, {3, 2, 3, 4, 0, 12, 4, 1, 5, 27, 9, 2}),     // into every second place
        copy_call(dtype, 70001, 70001, {1, 70001, 0, 1, 0, 1}),               // all of it
        copy_call(dtype, 61 * 67, 61 * 67, {2, 61, 67, 0, 1, 61, 0, 67, 1}),  // a large one transposed
        copy_call(dtype, 67, 61 * 67, {2, 61, 67, 0, 0, 1, 0, 67, 1}),        // rows repeated
        copy_call(dtype, 61, 61 * 67, {2, 61, 67, 0, 1, 0, 0, 67, 1}),        // columns repeated
        copy_call(dtype, 300, 300, {6, 2, 1, 5, 2, 3, 5, 0, 150, 1, 30, 15, 5, 1, 0, 1, 0, 2, 10, 20, 60}),  // rank 6
    };
    for (const std::int64_t width : widths)  // a window of rows
        calls.push_back(
            copy_call(dtype, 9 * (width + 2), 9 * (width + 3), {2, 7, width, 1, width + 2, 1, 2, width + 3, 1}));
    return calls;
}

Calls two_operand_calls(DType) {
    Calls calls;
    for (const std::int64_t size : sizes) {
        const Shape shape = size == 1009 ? Shape{1009, 1, 1} : Shape{size};
        HostTensor a = fractions(shape, 0.25, 4), b = fractions(shape, 0.5, 3);
        std::ranges::reverse(b.elements);
        for (std::size_t i = 0; i < a.elements.size(); i += 5) b.elements[i] = a.elements[i];  // ties
        const HostTensor one = {{}, true, {1.5}};
        for (const auto& [left, right] : {std::pair{a, b}, {a, one}, {one, b}})
            calls.push_back({{left, right}, unset(shape)});
    }
    calls.push_back({{{{}, true, {3}}, {{}, true, {2}}}, unset({})});
    const std::vector<double> special = {0, -0.0, 1, -1, 2.5, infinity, -infinity, nan, 1e30, 1e-30};
    HostTensor a{{100}, true, {}}, b{{100}, true, {}};
    for (const double x : special)
        for (const double y : special) {
            a.elements.push_back(double{static_cast<float>(x)});
            b.elements.push_back(double{static_cast<float>(y)});
        }
    calls.push_back({{a, b}, unset({100})});
    return calls;
}

Calls where_calls(DType) {
    Calls calls;
    for (const std::int64_t size : sizes) {
        HostTensor condition = whole({size});
        for (std::size_t i = 0; i < condition.elements.size(); ++i)
            condition.elements[i] = i % 3 == 0 ? 0 : i % 7 == 0 ? nan : -1;
        const HostTensor a = whole({size}), b = fractions({size}, -9, -5), one = {{}, true, {4}};
        for (const HostTensors& inputs : {HostTensors{condition, a, b},
                                          {condition, one, b},
                                          {condition, a, one},
                                          {{{}, true, {0}}, a, b},
                                          {{{}, true, {1}}, a, b}})
            calls.push_back({inputs, unset({size})});
    }
    return calls;
}

/// Of [low, high], and what lies beyond where the function ends.
std::function<Calls(DType)> function_calls(double low, double high) {
    return [=](DType) {
        Calls calls;
        for (const std::int64_t size : sizes) calls.push_back({{fractions({size}, low, high)}, unset({size})});
        calls.push_back({{fractions({}, low, high)}, unset({})});
        const HostTensor special = {{12}, true, {0, -0.0, 1, -1, 0.5, 30, -30, 1e30, -1e30, infinity, -infinity, nan}};
        HostTensor as_floats = special;
        for (double& x : as_floats.elements) x = double{static_cast<float>(x)};
        calls.push_back({{as_floats}, unset({12})});
        return calls;
    };
}

std::vector<std::array<std::int64_t, 3>> reduced_shapes() {
    std::vector<std::array<std::int64_t, 3>> shapes = {
        {1, 1, 1}, {1, 70001, 1}, {61, 67, 1}, {1, 4099, 7}, {3, 5, 2}, {2, 3, 1009}, {5, 1, 3}, {0, 3, 2}, {3, 2, 0}};
    for (const std::int64_t width : widths) {
        shapes.push_back({5, width, 1});
        shapes.push_back({2, 5, width});
    }
    return shapes;
}

Calls reduce_calls(bool of_empty, bool with_nan) {
    Calls calls;
    for (const auto& [outer, reduced, inner] : reduced_shapes()) {
        const Shape shape{outer, reduced, inner};
        calls.push_back({{whole(shape)}, unset({outer, inner})});
        calls.push_back({{fractions(shape, -1, 2)}, unset({outer, inner})});
    }
    if (of_empty) calls.push_back({{whole({3, 0, 2})}, unset({3, 2})});
    if (with_nan)
        for (const double special : {nan, infinity, -infinity})
            for (const std::int64_t at : {0, 4, 9}) {
                HostTensor x = whole({2, 10, 3});
                for (std::size_t k = 0; k < 3; ++k) x.elements[static_cast<std::size_t>(at) * 3 + k] = special;
                calls.push_back({{x}, unset({2, 3})});
            }
    HostTensor lowest = whole({1, 3, 1});
    std::ranges::fill(lowest.elements, -infinity);
    calls.push_back({{lowest}, unset({1, 1})});
    return calls;
}

Calls matmul_calls(DType) {
    std::vector<std::array<std::int64_t, 4>> sizes_of = {{1, 1, 1, 1},      {2, 3, 4, 5},     {1, 2, 0, 3},
                                                         {1, 0, 3, 2},      {3, 5, 2, 1},     {1, 33, 4099, 7},
                                                         {1, 1030, 20, 33}, {1, 70, 300, 40}, {2, 67, 31, 61}};
    for (const std::int64_t width : widths) {
        sizes_of.push_back({1, 5, 19, width});
        sizes_of.push_back({1, width, 3, 21});
        sizes_of.push_back({2, 6, width, 17});
    }
    Calls calls;
    for (const auto& [batch, m, k, n] : sizes_of)
        for (const bool transpose_a : {false, true})
            for (const bool transpose_b : {false, true}) {
                const Shape a = transpose_a ? Shape{batch, k, m} : Shape{batch, m, k},
                            b = transpose_b ? Shape{batch, n, k} : Shape{batch, k, n};
                calls.push_back({{whole(a), whole(b)}, unset({batch, m, n}), {transpose_a, transpose_b}});
                if (m * k * n < 10000)
                    calls.push_back(
                        {{fractions(a, -1, 1), fractions(b, -1, 1)}, unset({batch, m, n}), {transpose_a, transpose_b}});
            }
    return calls;
}

struct HostGrouping {
    HostTensor index, order, offsets;
};

HostGrouping random_grouping(std::int64_t entries, std::int64_t groups) {
    HostRandom random(static_cast<std::uint64_t>(entries * 31 + groups));
    std::vector<double> index(static_cast<std::size_t>(entries)), order(index.size()),
        offsets(static_cast<std::size_t>(groups) + 1);
    for (std::size_t e = 0; e < index.size(); ++e) {
        index[e] = static_cast<double>(random.integer(groups));
        order[e] = static_cast<double>(e);
        for (auto s = static_cast<std::size_t>(index[e]) + 1; s < offsets.size(); ++s) ++offsets[s];
    }
    std::ranges::stable_sort(order, {}, [&](double e) { return index[static_cast<std::size_t>(e)]; });
    return {integers(index), integers(order), integers(offsets)};
}

/// Entries, groups, width: empty groups, long ones, every width.
std::vector<std::array<std::int64_t, 3>> grouped_sizes() {
    std::vector<std::array<std::int64_t, 3>> all = {{0, 4, 3},    {1, 1, 1},       {7, 3, 0},
                                                    {4099, 2, 7}, {3000, 100, 64}, {9, 20, 70}};
    for (const std::int64_t width : widths) {
        all.push_back({300, 7, width});
        all.push_back({9, 20, width});
    }
    return all;
}

Calls gather_calls(DType dtype) {
    Calls calls;
    for (const auto& [entries, groups, width] : grouped_sizes()) {
        const HostGrouping g = random_grouping(entries, groups);
        calls.push_back(
            {{in_dtype(whole({groups, width}), dtype), g.index, g.order, g.offsets}, unset({entries, width}, dtype)});
    }
    return calls;
}

Calls scatter_calls(DType) {
    Calls calls;
    for (const auto& [entries, groups, width] : grouped_sizes()) {
        const HostGrouping g = random_grouping(entries, groups);
        for (const HostTensor& x : {whole({entries, width}), fractions({entries, width}, -1, 2)})
            calls.push_back({{x, g.index, g.order, g.offsets}, unset({groups, width})});
    }
    for (const double special : {nan, infinity, -infinity}) {
        const HostGrouping g = random_grouping(30, 3);
        HostTensor x = whole({30, 5});
        for (std::size_t i = 0; i < x.elements.size(); i += special == -infinity ? 1 : 17) x.elements[i] = special;
        calls.push_back({{x, g.index, g.order, g.offsets}, unset({3, 5})});
    }
    return calls;
}

Calls random_mask_calls(DType) {
    Calls calls;
    for (const std::int64_t count : {0, 1, 7, 31, 32, 33, 255, 256, 257, 1009, 70001})
        for (const std::int64_t threshold : {0, 1, 26214, 65535, 65536})
            calls.push_back({{integers({-123456789, 987654321, 41})},
                             unset({(count + 31) / 32}, DType::i32),
                             {count % 5 + 3, threshold, count}});
    return calls;
}

Calls masked_scale_calls(DType) {
    Calls calls;
    for (const std::int64_t size : sizes) {
        HostRandom random(static_cast<std::uint64_t>(size));
        std::vector<double> words(static_cast<std::size_t>((size + 31) / 32));
        std::ranges::generate(words, [&] { return static_cast<double>(static_cast<std::int32_t>(random.bits())); });
        calls.push_back({{fractions({size}, -2, 2), integers(words)}, unset({size}), {}, {1.0 / 0.4}});
        calls.push_back({{whole({size}), integers(words)}, unset({size}), {}, {2}});
    }
    HostTensor special = {{4}, true, {nan, infinity, nan, infinity}};
    calls.push_back({{special, integers({3})}, unset({4}), {}, {2}});
    return calls;
}

}  // namespace

const std::vector<KernelTopic>& kernel_topics() {
    static const std::string x = "1 input: x[n]", a_and_b = "2 inputs: a and b, each of y's shape or one element";
    static const std::string grouping = ", index[E], order[E], offsets (i32)";
    static const std::vector<KernelTopic> topics = {
        {"fill", "y[i] = value", "no inputs; reals: value", fill_calls},
        {"cast", "y[i] = x[i] in y's dtype; to i32 towards zero, what is out of range to the nearest i32, NaN to 0",
         "1 input: x[n] of any dtype", cast_calls},
        {"strided_copy",
         "y[y_offset + i . y_strides] = x[x_offset + i . x_strides] for every i in dims; all else of y stays",
         "1 input: x; integers: rank, dims..., x_offset, x_strides..., y_offset, y_strides...", strided_copy_calls},
        {"add", "y[i] = a[i] + b[i]; y may be a or b", a_and_b, two_operand_calls},
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
         "y[b] = a[b] b[b], with a[B, M, K] or, if transpose_a, a[B, K, M], and b[B, K, N] or, if transpose_b, b[B, N, "
         "K]",
         "2 inputs: a, b; integers: transpose_a, transpose_b", matmul_calls},
        {"gather", "y[e] = x[index[e]], rows of W elements", "4 inputs: x[N, W]" + grouping, gather_calls},
        {"scatter_sum",
         "y[s] = sum of x[order[p]] for p = offsets[s] .. offsets[s+1]-1, in that order; an empty s gives 0",
         "4 inputs: x[E, W]" + grouping, scatter_calls},
        {"scatter_max",
         "y[s] = largest of x[order[p]] for p = offsets[s] .. offsets[s+1]-1; NaN if one is NaN; an empty s, or -inf "
         "throughout, gives 0",
         "4 inputs: x[E, W]" + grouping, scatter_calls},
        {"random_mask",
         "bit i % 32 of y[i / 32] = draw i < threshold, by Philox4x32-10 as backend_abi.h tells; unused bits are 0",
         "1 input: key i32[3]; integers: call_site, threshold, n", random_mask_calls},
        {"masked_scale", "y[i] = bit i of mask ? x[i] * scale : 0, with scale in y's dtype",
         "2 inputs: x[n], mask i32[ceil(n/32)]; reals: scale", masked_scale_calls},
    };
    return topics;
}

namespace {

std::string text_of(const KernelCall& call) {
    std::string text;
    for (const HostTensor& input : call.inputs)
        text += (text.empty() ? "" : ", ") + std::string(input.is_float ? "" : "i32 ") + to_string(input.shape);
    text += " -> " + to_string(call.output.shape);
    if (!call.integers.empty()) text += fmt::format("; integers {}", fmt::join(call.integers, " "));
    if (!call.reals.empty()) text += fmt::format("; reals {}", fmt::join(call.reals, " "));
    return text;
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
                [&](const BackendPtr& backend, DType used) {
                    std::vector<Tensor> inputs;
                    std::vector<tg_array> arrays;
                    for (const HostTensor& input : call.inputs) {
                        inputs.push_back(input.on(backend, used));
                        arrays.push_back(inputs.back().array());
                    }
                    const Tensor output = call.output.on(backend, used);
                    const tg_array result = output.array();
                    backend->call(id, backend->kernel(id, output.dtype()), arrays, std::span(&result, 1), call.integers,
                                  call.reals);
                    return std::vector{output};
                },
                call.inputs);
}

}  // namespace tapegrad
