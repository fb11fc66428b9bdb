// Does an op's `infer` say what the op gives, and does it refuse what the op cannot do?
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "autograd/op.hpp"

namespace tapegrad {

/// What became of the calls that were tried.
struct InferReport {
    std::size_t refused = 0;  ///< by an error that names the op
    std::size_t right = 0;    ///< accepted, and the op gave what `infer` promised
    std::size_t not_run = 0;  ///< accepted, but with an index that nothing can be in the range of
    std::vector<std::string> faults{};
};

/// Runs each sample in f32 and f64, and the calls that `altered_calls` makes of it. Each is either refused by a
/// ShapeError, TypeError or IndexError that names the op itself, or runs and gives the shapes and dtypes that `infer`
/// promised; for a sample, only the latter will do. An op runs by its composition, where it has one, rather than by a
/// kernel, whose outputs are as promised whatever it computes. Needs an op that declares its inputs. `begin` is told
/// each call before it is tried, so that a crash can be placed.
InferReport check_infer(
    const OpDef& op, const BackendPtr& backend, std::uint64_t seed = 1,
    const std::function<void(const std::string& call)>& begin = [](const std::string&) {});

}  // namespace tapegrad
