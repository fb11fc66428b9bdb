// The nodes of a graph as a person names them on a command line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "datasets/dataset.hpp"

namespace tapegrad {

/// The node whose name is `paper`, or whose number it is when that is "#NUMBER". Throws ConfigError with the nearest
/// names.
std::int32_t find_node(const Dataset& dataset, const std::string& paper);

/// The nodes of --nodes: each of `names` is "all", "train", "val", "test", the id of a node, "#NUMBER", or several of
/// these with commas between; a word that could be several of these is the first. In the order asked for, each once.
/// Throws ConfigError for an id that no node has, and for a split without nodes.
std::vector<std::int32_t> named_nodes(const Dataset& dataset, const std::vector<std::string>& names);

}  // namespace tapegrad
