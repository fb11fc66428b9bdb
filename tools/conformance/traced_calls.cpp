#include "tools/conformance/traced_calls.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <string_view>

#include "autograd/backend.hpp"
#include "autograd/errors.hpp"

namespace tapegrad {
namespace {

// Half a unit in the last place of 1.
double rounding(DType dtype) { return std::ldexp(1, dtype == DType::f32 ? -24 : -53); }

double smallest(DType dtype) {
    return dtype == DType::f32 ? double{std::numeric_limits<float>::denorm_min()}
                               : std::numeric_limits<double>::denorm_min();
}

double largest(DType dtype) {
    return dtype == DType::f32 ? double{std::numeric_limits<float>::max()} : std::numeric_limits<double>::max();
}

struct KindOf {
    std::string_view kernel;
    KernelKind kind;
};
constexpr KindOf kinds[] = {
    {"fill", KernelKind::copy},          {"strided_copy", KernelKind::copy},
    {"gather", KernelKind::copy},        {"cast", KernelKind::conversion},
    {"maximum", KernelKind::choice},     {"greater", KernelKind::choice},
    {"where", KernelKind::choice},       {"reduce_max", KernelKind::choice},
    {"scatter_max", KernelKind::choice}, {"random_mask", KernelKind::choice},
    {"add", KernelKind::arithmetic},     {"mul", KernelKind::arithmetic},
    {"div", KernelKind::function},       {"masked_scale", KernelKind::arithmetic},
    {"exp", KernelKind::function},       {"expm1", KernelKind::function},
    {"log", KernelKind::function},       {"log1p", KernelKind::function},
    {"sqrt", KernelKind::function},      {"tanh", KernelKind::function},
    {"erf", KernelKind::function},       {"pow", KernelKind::function},
    {"reduce_sum", KernelKind::sum},     {"matmul", KernelKind::sum},
    {"scatter_sum", KernelKind::sum},
};

std::span<const double> reals(const tg_array& array) {
    return {static_cast<const double*>(array.data), static_cast<std::size_t>(array.size)};
}

// Does the dtype hold the number as it is?
bool is_held(double x, DType dtype) {
    return dtype != DType::f32 || !std::isfinite(x) || double{static_cast<float>(x)} == x;
}

// How many numbers a sum adds up.
std::int64_t terms_of(std::string_view name, const tg_call& call) {
    if (name == "reduce_sum") return call.inputs[0].shape[1];
    if (name == "matmul") return call.inputs[0].shape[call.integers[0] != 0 ? 1 : 2];
    const auto* const offsets = static_cast<const std::int32_t*>(call.inputs[3].data);
    std::int64_t longest = 0;
    for (std::int64_t s = 0; s + 1 < call.inputs[3].size; ++s)
        longest = std::max<std::int64_t>(longest, offsets[s + 1] - offsets[s]);
    return longest;
}

// e^x makes a relative error of an error in x.
double amplification(std::string_view name, const tg_call& call) {
    if (name != "exp" && name != "expm1") return 0;
    double amplified = 0;
    const std::span<const double> x = reals(call.inputs[0]), y = reals(call.outputs[0]);
    for (std::size_t i = 0; i < x.size(); ++i)
        if (std::isfinite(x[i]) && std::isfinite(y[i]) && y[i] != 0) amplified = std::max(amplified, std::abs(x[i]));
    return amplified;
}

}  // namespace

KernelKind kind_of(std::string_view kernel) {
    const auto found = std::ranges::find(kinds, kernel, &KindOf::kernel);
    if (found == std::end(kinds))
        throw IndexError("kind_of", "a mandatory kernel", "'" + std::string(kernel) + "'", "say how it rounds");
    return found->kind;
}

double Trace::allowed_at(std::size_t element) const {
    if (is_exact || roundings == 0) return 0;
    const double unit = rounding(dtype);
    if (element < magnitude_at.size()) return roundings * (unit * magnitude_at[element] + smallest(dtype));
    return (roundings + amplification) * (unit * largest + smallest(dtype));
}

bool TracedCalls::offers(const KernelId& id, DType) {
    return std::ranges::any_of(mandatory_kernels(),
                               [&](const MandatoryKernel& kernel) { return kernel.name == id.name(); });
}

void TracedCalls::add_values(const tg_array& array) {
    if (array.dtype != TG_F64) return;
    const double exact_below = 1 / rounding(trace_.dtype);
    for (const double x : reals(array)) {
        if (std::isfinite(x)) trace_.largest = std::max(trace_.largest, std::abs(x));
        if (!(std::abs(x) < exact_below) || x != std::trunc(x)) trace_.is_exact = false;
    }
}

void TracedCalls::add_sum(const std::string& name, tg_kernel kernel, tg_context* context, const tg_call& call) {
    // The same sum of magnitudes.
    std::vector<std::vector<double>> values;
    std::vector<tg_array> inputs(call.inputs, call.inputs + call.input_count);
    for (tg_array& input : inputs) {
        if (input.dtype != TG_F64) continue;
        values.emplace_back();
        for (const double x : reals(input)) values.back().push_back(std::isfinite(x) ? std::abs(x) : 0);
        input.data = values.back().data();
    }
    std::vector<double> sums(static_cast<std::size_t>(call.outputs[0].size));
    tg_array output = call.outputs[0];
    output.data = sums.data();
    tg_call of_magnitudes = call;
    of_magnitudes.inputs = inputs.data();
    of_magnitudes.outputs = &output;
    kernel(context, &of_magnitudes);
    add_values(output);
    trace_.roundings += 2 + static_cast<double>(std::max<std::int64_t>(0, terms_of(name, call) - 1));
}

int TracedCalls::run(const KernelId& id, tg_kernel kernel, tg_context* context, tg_call& call) {
    const int status = kernel(context, &call);
    if (status != TG_OK || call.output_count == 0 || call.outputs[0].dtype != TG_F64) return status;
    const std::string& name = id.name();
    for (std::int32_t i = 0; i < call.input_count; ++i) add_values(call.inputs[i]);
    add_values(call.outputs[0]);
    const KernelKind kind = kind_of(name);
    if (kind == KernelKind::sum) add_sum(name, kernel, context, call);
    if (kind == KernelKind::arithmetic || kind == KernelKind::conversion) trace_.roundings += 2;
    if (kind == KernelKind::function) {
        trace_.roundings += 8;
        trace_.amplification += amplification(name, call);
        trace_.is_exact = false;
    }
    if (name == "fill" && !is_held(call.reals[0], trace_.dtype)) trace_.roundings += 2;
    trace_.only_copies = trace_.only_copies && (kind == KernelKind::copy || kind == KernelKind::conversion);
    return status;
}

namespace {

// How far off, in units of what is allowed.
double error_of(double got, double wanted, double allowed, const Trace& trace, NonFinite non_finite) {
    const DType dtype = trace.dtype;
    constexpr double wrong = std::numeric_limits<double>::max();  // JSON has no infinity
    if (non_finite == NonFinite::any && !std::isfinite(wanted)) return std::isfinite(got) ? wrong : 0;
    if (std::isnan(wanted)) return std::isnan(got) ? 0 : wrong;
    if (got == wanted) return trace.only_copies && std::signbit(got) != std::signbit(wanted) ? wrong : 0;
    if (std::isnan(got)) return wrong;
    const double most = largest(dtype), at_the_end = most * (1 - 64 * rounding(dtype));
    if (std::abs(wanted) > at_the_end) {
        const bool reaches_it = std::abs(got) >= at_the_end && std::signbit(got) == std::signbit(wanted);
        return reaches_it && (std::isfinite(wanted) || std::isinf(got)) ? 0 : wrong;
    }
    if (std::isinf(got)) return wrong;
    return allowed > 0 ? std::min(std::abs(got - wanted) / allowed, wrong) : wrong;
}

}  // namespace

Comparison compare_elements(const std::vector<double>& got, const std::vector<double>& wanted, const Trace& trace,
                            const std::vector<double>& also_right, NonFinite non_finite) {
    Comparison result;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const double allowed = trace.allowed_at(i);
        double error = error_of(got[i], wanted[i], allowed, trace, non_finite);
        if (error > 1 && i < also_right.size())
            error = std::min(error, error_of(got[i], also_right[i], allowed, trace, non_finite));
        result.worst = std::max(result.worst, error);
        if (error > 1 && !result.mismatch) result.mismatch = Mismatch{i, got[i], wanted[i], allowed};
    }
    return result;
}

}  // namespace tapegrad
