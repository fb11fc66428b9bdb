// Cora, Citeseer and Pubmed as published with Planetoid (Yang, Cohen, Salakhutdinov, "Revisiting Semi-Supervised
// Learning with Graph Embeddings", ICML 2016): eight files ind.NAME.{x, y, tx, ty, allx, ally, graph, test.index}.
#pragma once

#include <filesystem>
#include <string>

#include "datasets/dataset.hpp"

namespace tapegrad {

/// Reads ind.NAME.* from `folder`. Nodes are numbered as everybody numbers them (Kipf and Welling's code): first the
/// rows of allx, then the test nodes, row i of tx being node test.index[i]. A test node without a row, of which
/// Citeseer has 15, keeps its number, has no features and no label, and is in no split.
///
/// The split is the public one: the rows of x for training, up to 500 further rows of allx for validation, the nodes
/// of test.index for the test. Edges go from each neighbour that `graph` lists to the node it is listed for; it lists
/// both directions. Nodes and classes are named by their numbers.
///
/// Throws DataError or IndexError, naming the file, for a file that is missing, truncated or not consistent with the
/// others.
Dataset load_planetoid(const std::filesystem::path& folder, const std::string& name);

}  // namespace tapegrad
