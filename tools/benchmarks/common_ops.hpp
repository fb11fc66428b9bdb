// Ops that every framework has, at sizes that tell: what is compared with PyTorch.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "autograd/backend.hpp"
#include "autograd/tensor.hpp"

namespace tapegrad {

/// One op at one size. tools/peers/ops_torch.py does the same for the same name, dims and count.
struct CommonOp {
    std::string name;
    Dims dims;               ///< the shape of the first input; of matmul M, K, N
    std::int64_t count = 0;  ///< gather: rows picked; scatter: groups

    /// "gather [2708, 64] by 13264".
    std::string text() const;
    nlohmann::json json() const;
};

/// Every op at `elements` elements, in rows of 100; a matrix product is a square one.
std::vector<CommonOp> common_ops(std::int64_t elements);

/// The ops of a training step of the paper's graph attention network on Cora, at their sizes there.
std::vector<CommonOp> cora_ops();

/// An op with its inputs made, ready to run.
struct PreparedOp {
    std::function<Tensor()> forward;
    std::vector<Tensor> varied;  ///< the inputs that a gradient flows to; none: there is no gradient
    std::int64_t bytes = 0;      ///< what forward reads and writes at least
    double operations = 0;       ///< of a matrix product: its multiplications and additions
};

/// Throws IndexError for a name that `common_ops` does not list.
PreparedOp prepare(const CommonOp& op, const BackendPtr& backend);

/// Median times in seconds; `gradient` is forward and backward together, 0 for an op without.
struct OpTimes {
    double forward = 0;
    double gradient = 0;
};
OpTimes time_op(const PreparedOp& op, double seconds);

}  // namespace tapegrad
