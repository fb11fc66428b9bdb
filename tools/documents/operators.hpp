// The list of ops for a reader, docs/operators.md, written from their definitions.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "autograd/op.hpp"

namespace tapegrad {

/// A column that says how a backend runs each op.
struct BackendColumn {
    std::string name;
    BackendPtr backend;  ///< null where it cannot be opened: the column stays as it was
};

/// Markdown: a table of the ops and their backends, then for each op its signature, formula, shapes, gradient and
/// source, under the heading of its family. `earlier` is the document as it was, or empty.
std::string document_ops(std::span<const std::reference_wrapper<const OpDef>> ops,
                         std::span<const BackendColumn> backends, const std::string& earlier);

}  // namespace tapegrad
