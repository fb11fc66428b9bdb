// Work so small that the cost of an op is all there is: what an engine itself costs.
#pragma once

#include "autograd/backend.hpp"
#include "tools/common/statistics.hpp"

namespace tapegrad {

/// Times in seconds; each of `seconds` measurement.
struct SmallWork {
    Spread op;      ///< one a + a on one element, without a tape
    Spread record;  ///< the same on a tape, with the making and dropping of the tape
    Spread chain;   ///< an op of 500 x (h = h * 0.999 + 0.001) on 16 numbers: forward, sum and backward, by 1,000
    Spread mlp;     ///< an SGD step of a 784-128-10 network with relu and cross entropy, batch 64
};

SmallWork measure_small_work(const BackendPtr& backend, double seconds);

}  // namespace tapegrad
