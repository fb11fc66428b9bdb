#include "tools/conformance/judge.hpp"

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

Judge::Judge(const tg_backend& judged, const tg_backend& reference, std::string subject, Progress progress,
             std::set<std::string> offered)
    : progress_(std::move(progress)),
      guarded_(judged, report.faults, std::move(offered)),
      judged_(Backend::open(judged, 3, &guarded_)),
      reference_(Backend::open(reference, 1, &traced_)) {
    report.subject = std::move(subject);
}

void Judge::compare_output(const std::string& what, const Tensor& got, const Tensor& wanted,
                           const std::vector<double>& also_right, NonFinite non_finite) {
    if (got.shape() != wanted.shape()) {
        report.faults.push_back(
            fmt::format("{} has shape {} instead of {}", what, to_string(got.shape()), to_string(wanted.shape())));
        return;
    }
    Trace trace = traced_.trace();
    trace.is_exact = trace.is_exact || wanted.dtype() == DType::i32;
    const Comparison comparison =
        compare_elements(got.values<double>(), wanted.values<double>(), trace, also_right, non_finite);
    if (comparison.worst > report.worst_error) {
        report.worst_error = comparison.worst;
        report.worst_case = what;
    }
    if (const auto& m = comparison.mismatch)
        report.faults.push_back(fmt::format("{}, element {} of {}, is {} instead of {}{}", what, m->element,
                                            to_string(got.dtype()) + " " + to_string(got.shape()), m->got, m->wanted,
                                            m->allowed > 0 ? fmt::format(" (+- {:.2g})", m->allowed) : ""));
}

void Judge::compare(const std::string& what, DType dtype, const Computation& computation) {
    compare_with(what, dtype, computation, {});
}

void Judge::compare_extremes(const std::string& what, DType dtype, const Computation& computation,
                             NonFinite non_finite) {
    compare_with(what, dtype, computation, {computation(reference_, dtype), non_finite});
}

void Judge::compare_with(const std::string& what, DType dtype, const Computation& computation, const Leeway& leeway) {
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
    traced_.begin(dtype);
    const std::vector<Tensor> wanted = computation(reference_, DType::f64);
    for (std::size_t k = 0; k < wanted.size(); ++k)
        compare_output(wanted.size() > 1 ? fmt::format("{}, result {}", text, k) : text, got.at(k), wanted[k],
                       leeway.also_right.empty() ? std::vector<double>() : leeway.also_right[k].values<double>(),
                       leeway.non_finite);
}

}  // namespace tapegrad
