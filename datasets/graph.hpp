// A graph as layers use it: the edges prepared in both directions on a backend.
#pragma once

#include <cstdint>
#include <span>

#include "autograd/sparse.hpp"
#include "datasets/dataset.hpp"

namespace tapegrad {

/// Edges in CSR order by target. `targets` is the CSR (its order is the identity), `sources` the CSC with the
/// permutation between both; indices are i32.
struct Graph {
    std::int64_t nodes = 0;
    Grouping sources;  ///< groups the edges by the node that they leave
    Grouping targets;  ///< groups the edges by the node that they enter
    /// D^-1/2 (A + I) D^-1/2 of Kipf and Welling, "Semi-Supervised Classification with Graph Convolutional Networks",
    /// ICLR 2017, equation 2, with missing self loops added; D counts the edges into a node.
    SparseMatrix normalised_adjacency;

    std::int64_t edges() const { return targets.entries(); }
};

/// Prepares the edges as they are: nothing is added, turned round or merged (see datasets/transforms.hpp). Throws
/// IndexError for an end outside 0 .. nodes-1.
Graph make_graph(const BackendPtr& backend, std::span<const Edge> edges, std::int64_t nodes, DType dtype = DType::f32);

}  // namespace tapegrad
