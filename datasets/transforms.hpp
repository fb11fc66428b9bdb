// The steps between a data set as cited and a graph to train on. Each takes a value and returns a new one:
// normally symmetrise, merge_duplicates, add_self_loops, and normalise_rows for the features.
#pragma once

#include <cstdint>
#include <vector>

#include "datasets/dataset.hpp"

namespace tapegrad {

/// Appends the reverse of every edge, in the same order. A self loop is its own reverse and is not added again.
std::vector<Edge> symmetrise(std::vector<Edge> edges);

/// The edges sorted by target, then source, each once.
std::vector<Edge> merge_duplicates(std::vector<Edge> edges);

/// Appends a self loop for every node of 0 .. nodes - 1 that has none yet. Throws IndexError for an edge whose ends
/// are not among these nodes.
std::vector<Edge> add_self_loops(std::vector<Edge> edges, std::int32_t nodes);

/// The edges whose ends differ, in the same order.
std::vector<Edge> remove_self_loops(std::vector<Edge> edges);

/// Divides each row by its sum, so that the features of a node add up to 1. A row that sums to 0 stays as it is.
/// Throws DataError for a row that its sum would make infinite.
SparseRows normalise_rows(SparseRows features);

}  // namespace tapegrad
