// The judgement on one op: is its definition complete, are its gradients right, does `infer` keep its word?
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "autograd/gradient_check.hpp"
#include "tools/checks/infer_check.hpp"

namespace tapegrad {

struct OpJudgement {
    std::string op;
    std::string formula;
    std::string non_differentiable;  ///< why gradients were not checked
    std::size_t samples = 0;
    std::vector<GradientError> gradients{};
    InferReport infer{};
    std::vector<std::string> faults{};  ///< one sentence each, those of `infer` too

    bool passes() const { return faults.empty(); }
};

/// Checks what the definition says, then by its samples, drawn with `seed`, the gradients (`check_gradient`) and
/// `infer` (`check_infer`). Whatever the op throws becomes a fault; `begin` is told what is tried next, for an op that
/// crashes.
OpJudgement judge_op(
    const OpDef& op, const BackendPtr& backend, std::uint64_t seed = 1,
    const std::function<void(const std::string& what)>& begin = [](const std::string&) {});

/// A line a sample: its gradients beside what is allowed. Empty when none was checked.
std::string gradient_table(const OpJudgement& judgement);
/// What was right in one line, or what is wrong, a line each and at most `most` of them.
std::string summary(const OpJudgement& judgement, std::size_t most = 10);
nlohmann::json to_json(const OpJudgement& judgement);

}  // namespace tapegrad
