#include "autograd/ops/arithmetic.hpp"

#include <cmath>

#include "autograd/errors.hpp"
#include "autograd/ops/families.hpp"
#include "autograd/ops/functions.hpp"
#include "autograd/ops/infer.hpp"
#include "autograd/samples.hpp"

namespace tapegrad {

namespace {

using Call = const VjpCall&;

// Pairs of shapes: equal, scalar, broadcast on either side and both, empty, large.
const std::vector<std::pair<Shape, Shape>> shape_pairs = {
    {{}, {}},         {{3}, {3}},       {{2, 3}, {}},  {{1}, {7}},           {{2, 3}, {3}},
    {{5, 1}, {1, 4}}, {{3}, {2, 1, 3}}, {{0, 3}, {3}}, {{31, 17}, {31, 17}},
};

// Two inputs of each pair of shapes, drawn by `first` and `second`.
template <typename First, typename Second>
Samples pairs(First first, Second second) {
    return [=](SampleSource& source) {
        std::vector<Sample> samples;
        for (const auto& [a, b] : shape_pairs) samples.push_back({{first(source, a), second(source, b)}, {}});
        return samples;
    };
}

Tensor draw_normal(SampleSource& source, const Shape& shape) { return source.normal(shape); }
Tensor draw_nonzero(SampleSource& source, const Shape& shape) { return source.normal_away_from(shape, {0}); }
Tensor draw_positive(SampleSource& source, const Shape& shape) { return source.uniform(shape, 0.5, 2); }
// Multiples of 0.1 on one side, shifted by 0.05 on the other: no ties.
Tensor draw_left(SampleSource& source, const Shape& shape) { return source.distinct(shape); }
Tensor draw_right(SampleSource& source, const Shape& shape) { return source.distinct(shape) + 0.05; }

std::vector<Sample> clamp_samples(SampleSource& source) {
    return {{{source.normal_away_from({7}, {-0.5, 1})}, {{"low", -0.5}, {"high", 1.0}}},
            {{source.normal_away_from({3, 5}, {0, 0.25})}, {{"low", 0.0}, {"high", 0.25}}},
            {{source.normal({0})}, {{"low", -1.0}, {"high", 1.0}}}};
}

std::vector<Sample> affine_samples(SampleSource& source) {
    std::vector<Sample> samples;
    for (const auto& [scale, shift] : {std::pair{-1.0, 0.0}, {1.0, 0.5}, {-1.0, 1.0}, {2.5, -0.75}, {0.0, 3.0}})
        for (const Shape& shape : {Shape{}, Shape{0, 2}, Shape{5}, Shape{31, 7}})
            samples.push_back({{source.normal(shape)}, {{"scale", scale}, {"shift", shift}}});
    return samples;
}

// Adding a shift of 0 would turn -0 into 0.
Tensors compose_affine(std::span<const Tensor> in, const Attributes& attributes) {
    const double scale = attributes.real("scale"), shift = attributes.real("shift");
    if (shift == 0) return {in[0] * scalar_like(in[0], scale)};
    const Tensor scaled = scale == 1 ? in[0] : in[0] * scalar_like(in[0], scale);
    return {scaled + scalar_like(in[0], shift)};
}

std::vector<Sample> where_samples(SampleSource& source) {
    const auto condition = [&](const Shape& shape) { return greater(source.normal(shape), source.constant({}, 0)); };
    return {{{condition({5}), source.normal({5}), source.normal({5})}, {}},
            {{condition({2, 3}), source.normal({}), source.normal({3})}, {}},
            {{condition({3, 1}), source.normal({3, 4}), source.normal({1, 4})}, {}},
            {{condition({}), source.normal({2}), source.normal({2})}, {}},
            {{condition({0}), source.normal({0}), source.normal({0})}, {}}};
}

}  // namespace

std::vector<OpDef> arithmetic_ops() {
    return {
        {.name = "add",
         .formula = "a + b",
         .inputs = {"a", "b"},
         .infer = infer_broadcast,
         .vjp = per_input({[](Call c) { return c.gradient(); }, [](Call c) { return c.gradient(); }}),
         .samples = pairs(draw_normal, draw_normal),
         .elementwise = true},
        {.name = "add_bias",
         .formula = "x[..., f] + b[f]",
         .inputs = {"x", "b"},
         .shapes = "x [..., F], b [F] -> [..., F]",
         .infer = [](const InferCall& call) -> TensorSpecs {
             const DType dtype = common_float(call, 0, 1);
             const Shape &x = call.shape(0), &b = call.shape(1);
             if (x.empty() || b.rank() != 1 || x.back() != b[0])
                 throw ShapeError(call.op, "x [..., F] and b [F]", to_string(x) + " and " + to_string(b),
                                  "give one number for each feature");
             return {{x, dtype}};
         },
         .compose = [](auto in, const Attributes&) -> Tensors { return {in[0] + in[1]}; },
         .vjp = per_input({[](Call c) { return c.gradient(); }, [](Call c) { return c.gradient(); }}),
         .samples = [](SampleSource& s) -> std::vector<Sample> {
             std::vector<Sample> samples;
             for (const Shape& shape : {Shape{1}, Shape{0, 3}, Shape{5, 0}, Shape{4, 7}, Shape{2, 3, 5}, Shape{61, 17}})
                 samples.push_back({{s.normal(shape), s.normal({shape.back()})}, {}});
             for (const std::int64_t width : row_widths)
                 samples.push_back({{s.normal({3, width}), s.normal({width})}, {}});
             samples.push_back({{s.normal({4099, 7}), s.normal({7})}, {}});
             return samples;
         }},
        {.name = "sub",
         .formula = "a - b",
         .inputs = {"a", "b"},
         .infer = infer_broadcast,
         .compose = [](auto in, const Attributes&) -> Tensors { return {in[0] + neg(in[1])}; },
         .vjp = per_input({[](Call c) { return c.gradient(); }, [](Call c) { return -c.gradient(); }}),
         .samples = pairs(draw_normal, draw_normal),
         .elementwise = true},
        {.name = "mul",
         .formula = "a * b",
         .inputs = {"a", "b"},
         .infer = infer_broadcast,
         .vjp = per_input(
             {[](Call c) { return c.gradient() * c.input(1); }, [](Call c) { return c.gradient() * c.input(0); }}),
         .saves = {.inputs = {0, 1}},
         .samples = pairs(draw_normal, draw_normal),
         .elementwise = true},
        {.name = "div",
         .formula = "a / b",
         .inputs = {"a", "b"},
         .infer = infer_broadcast,
         .vjp = per_input({[](Call c) { return c.gradient() / c.input(1); },
                           [](Call c) { return -(c.gradient() * c.output() / c.input(1)); }}),
         .saves = {.inputs = {1}, .outputs = {0}},
         .samples = pairs(draw_normal, draw_nonzero),
         .elementwise = true},
        {.name = "affine",
         .formula = "scale * x + shift; the product alone where shift is 0, the sum alone where scale is 1",
         .inputs = {"x"},
         .attributes = {{"scale", 1.0}, {"shift", 0.0}},
         .infer = infer_same,
         .compose = compose_affine,
         .vjp = per_input({[](Call c) {
             const double scale = c.attributes.real("scale");
             return scale == 1 ? c.gradient() : c.gradient() * scale;
         }}),
         .samples = affine_samples,
         .elementwise = true},
        {.name = "pow",
         .formula = "a ^ b",
         .inputs = {"a", "b"},
         .infer = infer_broadcast,
         .vjp = per_input({[](Call c) {
                               const Tensor &a = c.input(0), &b = c.input(1), zero = scalar_like(b, 0);
                               return c.gradient() * where(b, b * pow(a, b - 1.0), zero);
                           },
                           [](Call c) {
                               // a^b log(a) goes to 0 with a, where log(a) alone does not.
                               const Tensor &a = c.input(0), &y = c.output(), zero = scalar_like(y, 0);
                               return c.gradient() * where(y, y * log(a), zero);
                           }}),
         .saves = {.inputs = {0, 1}, .outputs = {0}},
         .samples = pairs(draw_positive, draw_normal),
         .elementwise = true},
        {.name = "greater",
         .formula = "1 where a > b, else 0",
         .inputs = {"a", "b"},
         .infer = infer_broadcast,
         .samples = pairs(draw_normal, draw_normal),
         .non_differentiable = "a step: its derivative is 0 wherever it exists",
         .elementwise = true},
        {.name = "equal",
         .formula = "1 where a == b, else 0",
         .inputs = {"a", "b"},
         .infer = infer_broadcast,
         .compose = [](auto in, const Attributes&) -> Tensors {
             // `maximum` keeps a NaN, which is greater than nothing: 1 unless one of both is NaN.
             const Tensor zero = scalar_like(in[0], 0), minus_one = scalar_like(in[0], -1);
             const Tensor comparable = greater(maximum(maximum(in[0], in[1]), zero), minus_one);
             return {comparable - (greater(in[0], in[1]) + greater(in[1], in[0]))};
         },
         .samples = pairs(draw_normal, draw_normal),
         .non_differentiable = "a comparison: its derivative is 0 wherever it exists",
         .elementwise = true},
        {.name = "maximum",
         .formula = "max(a, b); equal elements share the gradient",
         .inputs = {"a", "b"},
         .infer = infer_broadcast,
         .vjp = per_input({[](Call c) {
                               return c.gradient() *
                                      (greater(c.input(0), c.input(1)) + equal(c.input(0), c.input(1)) * 0.5);
                           },
                           [](Call c) {
                               return c.gradient() *
                                      (greater(c.input(1), c.input(0)) + equal(c.input(0), c.input(1)) * 0.5);
                           }}),
         .saves = {.inputs = {0, 1}},
         .samples = pairs(draw_left, draw_right),
         .elementwise = true},
        {.name = "where",
         .formula = "a where condition != 0, else b",
         .inputs = {"condition", "a", "b"},
         .infer = infer_broadcast,
         .vjp =
             per_input({nullptr, [](Call c) { return where(c.input(0), c.gradient(), scalar_like(c.gradient(), 0)); },
                        [](Call c) { return where(c.input(0), scalar_like(c.gradient(), 0), c.gradient()); }}),
         .saves = {.inputs = {0}},
         .samples = where_samples,
         .constant_inputs = {0},
         .elementwise = true},
        {.name = "clamp",
         .formula = "min(max(x, low), high)",
         .inputs = {"x"},
         .attributes = {{"low", 0.0}, {"high", 1.0}},
         .infer =
             [](const InferCall& call) {
                 if (call.attributes.real("low") > call.attributes.real("high"))
                     throw ShapeError("clamp", "low <= high", "low > high", "exchange the limits");
                 return infer_same(call);
             },
         .compose = [](auto in, const Attributes& a) -> Tensors {
             const Tensor low = scalar_like(in[0], a.real("low")), high = scalar_like(in[0], a.real("high"));
             return {-maximum(-maximum(in[0], low), -high)};
         },
         .vjp = per_input({[](Call c) {
             const Tensor& x = c.input(0);
             const Tensor inside = greater(x, scalar_like(x, c.attributes.real("low"))) *
                                   greater(scalar_like(x, c.attributes.real("high")), x);
             return c.gradient() * inside;
         }}),
         .saves = {.inputs = {0}},
         .samples = clamp_samples,
         .elementwise = true},
    };
}

Tensor add(const Tensor& a, const Tensor& b) { return apply_one(op_named<"add">(), {a, b}); }
Tensor add_bias(const Tensor& x, const Tensor& b) { return apply_one(op_named<"add_bias">(), {x, b}); }
Tensor sub(const Tensor& a, const Tensor& b) { return apply_one(op_named<"sub">(), {a, b}); }
Tensor mul(const Tensor& a, const Tensor& b) { return apply_one(op_named<"mul">(), {a, b}); }
Tensor div(const Tensor& a, const Tensor& b) { return apply_one(op_named<"div">(), {a, b}); }

Tensor affine(const Tensor& x, double scale, double shift) {
    return apply_one(op_named<"affine">(), {x}, {{"scale", scale}, {"shift", shift}});
}

Tensor div(const Tensor& x, double divisor) {
    // Only the reciprocal of a power of two is exact, and that of a very large or small one is beyond f32.
    int exponent = 0;
    const bool exact = std::abs(std::frexp(divisor, &exponent)) == 0.5 && std::abs(exponent) < 100;
    return exact ? affine(x, 1 / divisor, 0) : div(x, scalar_like(x, divisor));
}

Tensor pow(const Tensor& a, const Tensor& b) { return apply_one(op_named<"pow">(), {a, b}); }
Tensor maximum(const Tensor& a, const Tensor& b) { return apply_one(op_named<"maximum">(), {a, b}); }
Tensor greater(const Tensor& a, const Tensor& b) { return apply_one(op_named<"greater">(), {a, b}); }
Tensor equal(const Tensor& a, const Tensor& b) { return apply_one(op_named<"equal">(), {a, b}); }

Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
    return apply_one(op_named<"where">(), {condition, a, b});
}

Tensor clamp(const Tensor& x, double low, double high) {
    return apply_one(op_named<"clamp">(), {x}, {{"low", low}, {"high", high}});
}

Tensor scalar_like(const Tensor& like, double value) { return full(like.backend(), {}, value, like.dtype()); }

}  // namespace tapegrad
