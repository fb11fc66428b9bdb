// A computation on the plugin that is judged beside the same one on the reference in f64.
#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "autograd/op.hpp"
#include "tools/conformance/guarded_calls.hpp"
#include "tools/conformance/report.hpp"
#include "tools/conformance/traced_calls.hpp"

namespace tapegrad {

/// The elements of a tensor on the host. One that is not i32 is made in whatever float dtype is asked for.
struct HostTensor {
    Shape shape;
    bool is_float;
    std::vector<double> elements;

    static HostTensor of(const Tensor& x);
    Tensor on(const BackendPtr& backend, DType float_dtype) const;
};
using HostTensors = std::vector<HostTensor>;

/// "[2, 3], i32 [7]".
std::string to_string(const HostTensors& tensors);

/// What is computed on both sides; floats have the dtype given.
using Computation = std::function<std::vector<Tensor>(const BackendPtr& backend, DType dtype)>;

/// What helps to judge a case.
struct CaseContext {
    /// For messages, which tell the elements that lie where a result is wrong, as far as they have its size.
    HostTensors inputs{};
    /// Of the first result: Trace::magnitude_at.
    std::vector<double> magnitudes{};
    /// Its error is relative to itself: what one kernel computes of one element.
    bool relative_to_result = false;
    /// Numbers at the ends of the range: what the reference computes in the dtype itself is right too.
    bool may_overflow = false;
    NonFinite non_finite = NonFinite::same;
};

/// Compares computations and keeps what it finds in a report.
class Judge {
public:
    /// Both plugins have all mandatory kernels. Ops may use the kernels of `judged` that `offered` lists, or all of
    /// them when it is empty. Throws BackendError when one of them does not open.
    Judge(const tg_backend& judged, const tg_backend& reference, std::string subject, Progress progress,
          std::set<std::string> offered = {});

    const BackendPtr& judged() const { return judged_; }
    const BackendPtr& reference() const { return reference_; }

    /// One case; `what` names it in messages.
    void compare(const std::string& what, DType dtype, const Computation& computation, const CaseContext& context = {});

    Report report;

private:
    /// `magnitudes` are Trace::magnitude_at, `also_right` other right elements; both may be empty.
    void compare_output(const std::string& what, const Tensor& got, const Tensor& wanted,
                        const std::vector<double>& magnitudes, const std::vector<double>& also_right,
                        const CaseContext& context);

    Progress progress_;
    GuardedCalls guarded_;
    TracedCalls traced_;
    BackendPtr judged_;
    BackendPtr reference_;
};

}  // namespace tapegrad
