// How a backend runs an op.
#pragma once

#include <string>

#include "autograd/op.hpp"

namespace tapegrad {

/// For that dtype of the first output: "direct" where the op calls mandatory kernels itself, "native" by a kernel of
/// its name, "composed" by other ops, "missing" where there is none of these.
std::string how_it_runs(const OpDef& op, Backend& backend, DType dtype);

}  // namespace tapegrad
