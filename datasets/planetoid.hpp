// Cora, Citeseer and Pubmed as published with Planetoid (Yang, Cohen, Salakhutdinov, "Revisiting Semi-Supervised
// Learning with Graph Embeddings", ICML 2016): eight files ind.NAME.{x, y, tx, ty, allx, ally, graph, test.index}.
#pragma once

#include <filesystem>
#include <string>

#include "datasets/dataset.hpp"

namespace tapegrad {

/// How many of the rows of allx behind those of x validate, as far as there are so many.
inline constexpr std::size_t planetoid_validation_nodes = 500;

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

/// Writes FOLDER/ind.NAME.*, NAME being that of the data set, making the folder if needed. The form has no names for
/// nodes and classes, and its graph lists both directions of every edge, so missing ones are added; `load_planetoid`
/// gives the rest back.
///
/// Throws as `check` does, and DataError for a data set whose nodes are not in the order of the form (training,
/// validation, others; then test nodes and, between these, nodes without label and features), for another number of
/// validation nodes than the form implies, and for a file that cannot be written.
void write_planetoid(const Dataset& dataset, const std::filesystem::path& folder);

}  // namespace tapegrad
