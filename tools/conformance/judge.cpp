#include "tools/conformance/judge.hpp"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "autograd/errors.hpp"

namespace tapegrad {

HostTensor HostTensor::of(const Tensor& x) { return {x.shape(), x.dtype() != DType::i32, x.values<double>()}; }

Tensor HostTensor::on(const BackendPtr& backend, DType float_dtype) const {
    if (is_float) return from_values(backend, shape, elements, float_dtype);
    const std::vector<std::int32_t> integers(elements.begin(), elements.end());
    return from_values(backend, shape, std::span<const std::int32_t>(integers));
}

std::string to_string(const HostTensors& tensors) {
    std::string text;
    for (const HostTensor& x : tensors)
        text += (text.empty() ? "" : ", ") + std::string(x.is_float ? "" : "i32 ") + to_string(x.shape);
    return text;
}

Judge::Judge(const tg_backend& judged, const tg_backend& reference, std::string subject, Progress progress,
             std::set<std::string> offered)
    : progress_(std::move(progress)),
      guarded_(judged, report.faults, std::move(offered)),
      judged_(Backend::open(judged, 3, &guarded_)),
      reference_(Backend::open(reference, 1, &traced_)) {
    report.subject = std::move(subject);
    guarded_.check_floating_point_mode();
}

namespace {

/// " for 3, nan": what the inputs hold where a result of `size` elements is wrong.
std::string elements_at(const HostTensors& inputs, std::size_t element, std::size_t size) {
    std::string text;
    for (const HostTensor& input : inputs)
        if (input.elements.size() == size)
            text += fmt::format("{} {}", text.empty() ? " for" : ",", input.elements[element]);
    return text;
}

}  // namespace

void Judge::compare_output(const std::string& what, const Tensor& got, const Tensor& wanted,
                           const std::vector<double>& magnitudes, const std::vector<double>& also_right,
                           const CaseContext& context) {
    if (got.shape() != wanted.shape()) {
        report.faults.push_back(
            fmt::format("{} has shape {} instead of {}", what, to_string(got.shape()), to_string(wanted.shape())));
        return;
    }
    Trace trace = traced_.trace();
    trace.is_exact = trace.is_exact || wanted.dtype() == DType::i32;
    trace.magnitude_at = magnitudes;
    if (context.relative_to_result) {
        trace.magnitude_at = wanted.values<double>();
        for (double& magnitude : trace.magnitude_at) magnitude = std::abs(magnitude);
    }
    const Comparison comparison =
        compare_elements(got.values<double>(), wanted.values<double>(), trace, also_right, context.non_finite);
    if (comparison.worst > report.worst_error) {
        report.worst_error = comparison.worst;
        report.worst_case = what;
    }
    if (const auto& m = comparison.mismatch)
        report.faults.push_back(
            fmt::format("{}, element {} of {}, is {} instead of {}{}{}", what, m->element,
                        to_string(got.dtype()) + " " + to_string(got.shape()), m->got, m->wanted,
                        m->allowed > 0 ? fmt::format(" (+- {:.2g})", m->allowed) : "",
                        elements_at(context.inputs, m->element, static_cast<std::size_t>(got.size()))));
}

void Judge::compare(const std::string& what, DType dtype, const Computation& computation, const CaseContext& context) {
    const std::string text = to_string(dtype) + " " + what;
    progress_(report.subject + ", " + text);
    ++report.cases;
    std::vector<Tensor> got;
    try {
        got = computation(judged_, dtype);
    } catch (const Error& error) {
        report.faults.push_back(fmt::format("{}: {}", text, error.what()));
        return;
    }
    std::vector<Tensor> also_right;
    if (context.may_overflow) also_right = computation(reference_, dtype);
    traced_.begin(dtype);
    const std::vector<Tensor> wanted = computation(reference_, DType::f64);
    for (std::size_t k = 0; k < wanted.size(); ++k)
        compare_output(wanted.size() > 1 ? fmt::format("{}, result {}", text, k) : text, got.at(k), wanted[k],
                       k == 0 ? context.magnitudes : std::vector<double>(),
                       also_right.empty() ? std::vector<double>() : also_right[k].values<double>(), context);
}

}  // namespace tapegrad
