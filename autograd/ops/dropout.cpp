#include "autograd/ops/dropout.hpp"

#include <fmt/format.h>

#include "autograd/errors.hpp"
#include "autograd/ops/families.hpp"
#include "autograd/ops/infer.hpp"
#include "autograd/samples.hpp"

namespace tapegrad {

namespace {

using Call = const VjpCall&;

TensorSpecs infer_dropout(const InferCall& call) {
    require_random_key(call, 1);
    check_probability(call.op, call.attributes.real("probability"));
    return {{call.shape(0), common_float(call, 0, 0)}, {mask_shape(element_count(call.shape(0))), DType::i32}};
}

}  // namespace

std::vector<OpDef> dropout_ops() {
    return {
        {.name = "random_mask",
         .formula = "bit i is set where the i-th 16-bit draw is below threshold",
         .source = "Philox4x32-10: Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC 2011",
         .inputs = {"key"},
         .attributes = {{"call_site", std::int64_t{0}}, {"threshold", std::int64_t{0}}, {"count", std::int64_t{0}}},
         .shapes = "key [3] -> [ceil(count / 32)]",
         .infer = [](const InferCall& call) -> TensorSpecs {
             require_random_key(call, 0);
             const std::int64_t count = call.attributes.integer("count");
             if (count < 0)
                 throw ShapeError(call.op, "a count of 0 or more", fmt::format("{}", count), "check the count");
             return {{mask_shape(count), DType::i32}};
         },
         .samples =
             [](SampleSource& s) {
                 std::vector<Sample> samples;
                 for (const std::int64_t count : {0, 1, 31, 32, 33, 1009, 20011})
                     for (const std::int64_t threshold : {0, 26214, 65536})
                         samples.push_back(
                             {{s.key()}, {{"call_site", count % 7}, {"threshold", threshold}, {"count", count}}});
                 return samples;
             },
         .non_differentiable = "random bits do not depend on anything differentiable"},
        {.name = "masked_scale",
         .formula = "x * scale where the mask's bit is set, else 0",
         .inputs = {"x", "mask"},
         .attributes = {{"scale", 1.0}},
         .shapes = "x [...] of n elements, mask [ceil(n / 32)] -> [...]",
         .infer =
             [](const InferCall& call) {
                 require_i32(call, 1);
                 if (call.shape(1) != mask_shape(element_count(call.shape(0))))
                     throw ShapeError(
                         "masked_scale",
                         "one bit for each element, " + to_string(mask_shape(element_count(call.shape(0)))),
                         to_string(call.shape(1)), "draw the mask for this tensor");
                 return infer_same(call);
             },
         .vjp = per_input({[](Call c) { return masked_scale(c.gradient(), c.input(1), c.attributes.real("scale")); }}),
         .saves = {.inputs = {1}},
         .samples =
             [](SampleSource& s) {
                 std::vector<Sample> samples;
                 for (const Shape& shape : {Shape{}, Shape{0}, Shape{7, 5}, Shape{64}, Shape{211}, Shape{20011}})
                     samples.push_back(
                         {{s.normal(shape), random_mask({s.key(), 1}, element_count(shape), 40000)}, {{"scale", 1.5}}});
                 return samples;
             }},
        {.name = "dropout",
         .formula = "x / (1 - probability) where kept, else 0",
         .source = "Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting, JMLR 2014",
         .inputs = {"x", "key"},
         .attributes = {{"probability", 0.5}, {"call_site", std::int64_t{0}}},
         .shapes = "x [...] of n elements, key [3] -> [...], mask [ceil(n / 32)]",
         .infer = infer_dropout,
         .compose = [](auto in, const Attributes& a) -> Tensors {
             const KeepThreshold keep = keep_threshold(a.real("probability"));
             const Tensor mask = random_mask({in[1], a.integer("call_site")}, in[0].size(), keep.threshold);
             return {masked_scale(in[0], mask, keep.scale), mask};
         },
         .vjp = per_input({[](Call c) {
             return masked_scale(c.gradient(), c.output(1), keep_threshold(c.attributes.real("probability")).scale);
         }}),
         .saves = {.outputs = {1}},
         .samples =
             [](SampleSource& s) {
                 std::vector<Sample> samples;
                 for (const double probability : {0.0, 0.5, 0.6, 1.0})
                     for (const Shape& shape : {Shape{}, Shape{0}, Shape{7, 5}, Shape{211}, Shape{20011}})
                         samples.push_back({{s.normal(shape), s.key()},
                                            {{"probability", probability}, {"call_site", std::int64_t{2}}}});
                 return samples;
             }},
    };
}

Tensor random_mask(const RandomSite& site, std::int64_t count, std::int64_t threshold) {
    return apply_one(op_named<"random_mask">(), {site.key},
                     {{"call_site", site.call_site}, {"threshold", threshold}, {"count", count}});
}

Tensor masked_scale(const Tensor& x, const Tensor& mask, double scale) {
    return apply_one(op_named<"masked_scale">(), {x, mask}, {{"scale", scale}});
}

Tensor dropout(const Tensor& x, double probability, const RandomSite& site) {
    return apply_one(op_named<"dropout">(), {x, site.key},
                     {{"probability", probability}, {"call_site", site.call_site}});
}

}  // namespace tapegrad
