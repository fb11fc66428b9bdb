// A node as a model sees it, for a person and for a program.
#pragma once

#include <cstddef>
#include <string>

#include <nlohmann/json.hpp>

#include "tools/reports/node_view.hpp"

namespace tapegrad {

/// Predictions as bars and a table of neighbours for each layer, at most 80 columns wide. Of each table the first
/// `most` rows, 0 for all.
std::string to_text(const NodeView& view, std::size_t most);

/// The same figures: {"node", "layers": [{"neighbours": [...]}], "two_hops": [...]}.
nlohmann::json to_json(const NodeView& view);

}  // namespace tapegrad
