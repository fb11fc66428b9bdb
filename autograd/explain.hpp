// What a tape holds, for people: as text, JSON or a drawing.
#pragma once

#include <string>
#include <vector>

#include "autograd/tape.hpp"

namespace tapegrad {

/// One recorded op. Values are numbered as they appear on the tape; an input that the tape does not track has no
/// number.
struct ExplainedNode {
    struct Value {
        std::string spec;  ///< "f32 [2, 3]"
        int number;        ///< -1 when untracked
    };
    std::string op;
    std::string formula;
    std::vector<Value> inputs;
    std::vector<Value> outputs;
    std::size_t bytes_saved;  ///< kept for backward; what several nodes keep counts once, at the first
    bool native;              ///< ran by kernels of its backend rather than by its composition
    double seconds;           ///< forward; 0 unless the tape was made with `time_ops`
};

/// Every node in order. After backward the nodes are still there, and nothing is saved any more.
std::vector<ExplainedNode> explain(const Tape& tape);

/// A table, one line a node.
std::string to_text(const std::vector<ExplainedNode>& nodes);
/// An array of objects with the members of ExplainedNode.
std::string to_json(const std::vector<ExplainedNode>& nodes);
/// A drawing: one box a node from top to bottom, a line from each value to where it is used.
std::string to_svg(const std::vector<ExplainedNode>& nodes);

}  // namespace tapegrad
