#include "tools/common/how_it_runs.hpp"

namespace tapegrad {

std::string how_it_runs(const OpDef& op, Backend& backend, DType dtype) {
    if (op.run) return "direct";
    if (backend.kernel(KernelId(op.name), dtype) != nullptr) return "native";
    return op.compose ? "composed" : "missing";
}

}  // namespace tapegrad
