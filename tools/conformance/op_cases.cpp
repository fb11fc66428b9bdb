#include "tools/conformance/op_cases.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "autograd/samples.hpp"
#include "autograd/tape.hpp"
#include "tools/common/how_it_runs.hpp"

namespace tapegrad {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::array float_dtypes = {DType::f32, DType::f64};

/// As the type stores it: a denormal f32, a number beyond f32.
double stored(double x, DType dtype) { return dtype == DType::f32 ? double{static_cast<float>(x)} : x; }

/// Numbers where formulas break, in the dtype's own range.
std::vector<double> ends_of_the_range(DType dtype) {
    std::vector<double> values = {0.0, 0.5, 1, 2, 3, 20, 1e30, 16777217.0, infinity};
    if (dtype == DType::f32)
        values.insert(values.end(), {1e-45, 1e-38, 88.5, 3.4028234e38});
    else
        values.insert(values.end(), {5e-324, 1e-308, 709.5, 1.7976931348623157e308});
    for (std::size_t i = values.size(); i-- > 0;) values.push_back(-values[i]);
    values.push_back(nan);
    for (double& value : values) value = stored(value, dtype);
    return values;
}

bool is_constant(const OpDef& op, std::size_t input) { return std::ranges::count(op.constant_inputs, input) != 0; }

std::vector<Tensor> gradients_of(const OpDef& op, const Tensors& inputs, const Attributes& attributes) {
    Tape tape;
    std::vector<Tensor> wanted, reached, cotangents;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (inputs[i].dtype() == DType::i32 || is_constant(op, i)) continue;
        tape.watch(inputs[i]);
        wanted.push_back(inputs[i]);
    }
    const Tensors outputs = apply(op, inputs, attributes);
    HostRandom random(11);
    for (std::size_t k = 0; k < outputs.size() - op.auxiliary_outputs; ++k) {
        if (outputs[k].dtype() == DType::i32) continue;
        reached.push_back(outputs[k]);
        HostTensor cotangent{outputs[k].shape(), true,
                             std::vector<double>(static_cast<std::size_t>(outputs[k].size()))};
        std::ranges::generate(cotangent.elements, [&] { return static_cast<double>(random.integer(9) - 4) / 4; });
        cotangents.push_back(cotangent.on(outputs[k].backend(), outputs[k].dtype()));
    }
    return reached.empty() || wanted.empty() ? std::vector<Tensor>() : tape.pull_back(reached, cotangents, wanted);
}

/// What an op derives from its other inputs is right again after these changed.
HostSample consistent(const OpDef& op, HostSample sample, const BackendPtr& backend) {
    if (!op.derive_constants) return sample;
    Tensors inputs;
    for (const HostTensor& input : sample.inputs) inputs.push_back(input.on(backend, DType::f64));
    op.derive_constants(inputs, sample.attributes);
    for (std::size_t i = 0; i < inputs.size(); ++i)
        if (is_constant(op, i)) sample.inputs[i] = HostTensor::of(inputs[i]);
    return sample;
}

/// Of a forward op that saved a NaN, nothing is asked of the gradient.
bool has_finite_constants(const OpDef& op, const HostSample& sample) {
    for (const std::size_t i : op.constant_inputs)
        if (std::ranges::any_of(sample.inputs[i].elements, [](double x) { return !std::isfinite(x); })) return false;
    return true;
}

HostSample with_whole_numbers(HostSample sample) {
    for (HostTensor& input : sample.inputs)
        if (input.is_float)
            for (double& x : input.elements) x = std::round(2 * x);
    return sample;
}

/// |y| + sum of |x dy/dx| over the inputs x: what the error of an elementwise op is relative to.
std::vector<double> magnitudes_of(const OpDef& op, const HostSample& call, const BackendPtr& reference) {
    constexpr double step = 0x1p-20;
    const std::vector<double> y = results_of(op, call, reference, DType::f64, false)[0].values<double>();
    std::vector<double> magnitudes(y.size());
    std::ranges::transform(y, magnitudes.begin(), [](double value) { return std::abs(value); });
    for (std::size_t k = 0; k < call.inputs.size(); ++k) {
        if (!call.inputs[k].is_float || is_constant(op, k)) continue;
        HostSample moved = call;
        for (double& x : moved.inputs[k].elements) x *= 1 + step;
        const std::vector<double> y_moved = results_of(op, moved, reference, DType::f64, false)[0].values<double>();
        for (std::size_t i = 0; i < y.size(); ++i)
            if (const double change = std::abs(y_moved[i] - y[i]); std::isfinite(change))
                magnitudes[i] += change / step;
    }
    return magnitudes;
}

enum class Result { outputs, outputs_and_gradients };

void compare_call(const OpDef& op, const HostSample& call, const std::string& text, DType dtype, Judge& judge,
                  Result result, CaseContext context = {}) {
    context.inputs = call.inputs;
    if (op.elementwise) context.magnitudes = magnitudes_of(op, call, judge.reference());
    const bool with_gradients = result == Result::outputs_and_gradients;
    judge.compare(
        text, dtype,
        [&](const BackendPtr& backend, DType used) { return results_of(op, call, backend, used, with_gradients); },
        context);
}

void check_samples(const OpDef& op, const std::vector<HostSample>& samples, DType dtype, Judge& judge) {
    const Result result = op.non_differentiable.empty() ? Result::outputs_and_gradients : Result::outputs;
    for (const HostSample& sample : samples) {
        compare_call(op, sample, sample.text(), dtype, judge, result);
        const HostSample whole = consistent(op, with_whole_numbers(sample), judge.reference());
        compare_call(op, whole, sample.text() + ", whole numbers", dtype, judge, Result::outputs);
    }
}

/// One element of one input at a time, in samples that are small: what it reaches is seen, and nothing else changes.
void check_extreme_elements(const OpDef& op, const std::vector<HostSample>& samples, DType dtype, Judge& judge) {
    std::vector<double> extremes = {1e30, -1e30, dtype == DType::f32 ? 1e-45 : 5e-324};
    // A kernel that is given what a forward op saved may use it in place of a sum, where 0 * infinity makes a
    // difference.
    if (!op.derive_constants) extremes.insert(extremes.end(), {infinity, -infinity, nan});
    const CaseContext context{.may_overflow = true, .non_finite = op.elementwise ? NonFinite::same : NonFinite::any};
    HostRandom random(5);
    for (const HostSample& sample : samples)
        for (std::size_t i = 0; i < sample.inputs.size(); ++i) {
            const auto size = static_cast<std::int64_t>(sample.inputs[i].elements.size());
            if (!sample.inputs[i].is_float || is_constant(op, i) || size == 0 || size > 300) continue;
            for (const double extreme : extremes) {
                HostSample changed = sample;
                const auto at = static_cast<std::size_t>(random.integer(size));
                changed.inputs[i].elements[at] = stored(extreme, dtype);
                changed = consistent(op, changed, judge.reference());
                if (has_finite_constants(op, changed))
                    compare_call(op, changed,
                                 fmt::format("{}, element {} of input {} is {}", sample.text(), at, i, extreme), dtype,
                                 judge, Result::outputs, context);
            }
        }
}

/// Any number of elements: one operand each of the shape, and once the second of two as a scalar.
void check_sizes(const OpDef& op, const Attributes& attributes, DType dtype, Judge& judge) {
    SampleSource source(judge.reference(), dtype, 3);
    std::vector<std::int64_t> sizes = {127, 128, 129, 1000, 4099, 100003};
    for (std::int64_t size = 1; size <= 70; ++size) sizes.push_back(size);
    for (const std::int64_t size : sizes) {
        HostSample sample{{}, attributes};
        for (std::size_t k = 0; k < op.inputs.size(); ++k)
            sample.inputs.push_back(HostTensor::of(source.uniform({size}, 0.5, 2)));
        compare_call(op, sample, sample.text(), dtype, judge, Result::outputs);
        if (op.inputs.size() < 2 || size % 8 > 1) continue;
        for (const std::size_t scalar : {0, 1}) {
            HostSample broadcast = sample;
            broadcast.inputs[scalar] = {{}, true, {sample.inputs[scalar].elements.back()}};
            compare_call(op, broadcast, broadcast.text(), dtype, judge, Result::outputs);
        }
    }
}

/// All pairs of numbers at the ends of the range, with each of the samples' attributes.
void check_ends_of_the_range(const OpDef& op, const std::vector<HostSample>& samples, DType dtype, Judge& judge) {
    const std::vector<double> values = ends_of_the_range(dtype);
    std::set<std::string> tried;
    for (const HostSample& sample : samples) {
        const std::string text = "ends of the range " + to_string(sample.attributes);
        if (!tried.insert(text).second) continue;
        HostSample pairs{HostTensors(op.inputs.size(), {{}, true, {}}), sample.attributes};
        for (const double a : values)
            for (const double b : op.inputs.size() > 1 ? values : std::vector<double>{0})
                for (std::size_t k = 0; k < pairs.inputs.size(); ++k)
                    pairs.inputs[k].elements.push_back(k == 0 ? a : k == 1 ? b : 1);
        for (HostTensor& input : pairs.inputs) input.shape = {static_cast<std::int64_t>(input.elements.size())};
        compare_call(op, pairs, text, dtype, judge, Result::outputs, {.may_overflow = true});
    }
}

std::string ran_by(const OpDef& op, const HostSample& sample, DType dtype, Judge& judge) {
    Tensors inputs;
    for (const HostTensor& input : sample.inputs) inputs.push_back(input.on(judge.reference(), dtype));
    return how_it_runs(op, *judge.judged(), op.infer({op.name, inputs, sample.attributes})[0].dtype);
}

}  // namespace

std::string HostSample::text() const {
    const std::string of_attributes = to_string(attributes);
    return to_string(inputs) + (of_attributes.empty() ? "" : "; " + of_attributes);
}

std::vector<HostSample> host_samples(const OpDef& op, const BackendPtr& backend, DType dtype) {
    SampleSource source(backend, dtype, 7);
    std::vector<HostSample> samples;
    for (const Sample& sample : op.samples(source)) {
        HostSample host{{}, sample.attributes};
        for (const Tensor& input : sample.inputs) host.inputs.push_back(HostTensor::of(input));
        samples.push_back(std::move(host));
    }
    return samples;
}

std::vector<Tensor> results_of(const OpDef& op, const HostSample& sample, const BackendPtr& backend, DType dtype,
                               bool with_gradients) {
    Tensors inputs;
    for (const HostTensor& input : sample.inputs) inputs.push_back(input.on(backend, dtype));
    const Tensors outputs =
        op.updates ? apply_update(op, inputs, sample.attributes) : apply(op, inputs, sample.attributes);
    std::vector<Tensor> results(outputs.begin(), outputs.end());
    if (with_gradients && !op.updates)
        for (const Tensor& gradient : gradients_of(op, inputs, sample.attributes)) results.push_back(gradient);
    return results;
}

void check_op_kernels(const OpDef& op, Judge& judge) {
    for (const DType dtype : float_dtypes) {
        const std::vector<HostSample> samples =
            op.samples ? host_samples(op, judge.reference(), dtype) : std::vector<HostSample>();
        if (samples.empty()) {
            judge.report.faults.emplace_back("it has no samples: give its definition some");
            return;
        }
        std::string& state = judge.report.ran_by[to_string(dtype)];
        state = ran_by(op, samples.front(), dtype, judge);
        if (state == "missing") {
            judge.report.faults.push_back(to_string(dtype) + ": there is neither a kernel nor a composition");
            continue;
        }
        check_samples(op, samples, dtype, judge);
        check_extreme_elements(op, samples, dtype, judge);
        if (!op.elementwise) continue;
        check_sizes(op, samples.front().attributes, dtype, judge);
        check_ends_of_the_range(op, samples, dtype, judge);
    }
}

}  // namespace tapegrad
