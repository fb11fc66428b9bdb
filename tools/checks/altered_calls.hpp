// Calls of an op that differ from one of its samples in one respect: most of them are wrong, and `infer` has to say so.
#pragma once

#include <string>
#include <vector>

#include "autograd/op.hpp"

namespace tapegrad {

/// A call made from a sample by one change. Float inputs keep their elements, repeated or cut where an extent changes;
/// all elements of i32 inputs are 0, so that whatever stands for a row, a class or the begin of a group is in range.
struct AlteredCall {
    std::string change;  ///< "with x f64 [1, 3] instead of f64 [3]"
    Tensors inputs;
    Attributes attributes;
    /// An index of 0 is out of range too, because an input that it may stand for is empty: such a call is not run.
    bool in_range;
};

/// For each input: one axis more and less, each extent one more and one less, each other dtype, itself left out; one
/// input too many; for each attribute: left out, of each other type, and a few other values.
std::vector<AlteredCall> altered_calls(const OpDef& op, const Sample& sample);

}  // namespace tapegrad
