// A graph as layers use it: the edges prepared in both directions on a backend.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

#include "autograd/sparse.hpp"
#include "datasets/dataset.hpp"

namespace tapegrad {

/// Edges in CSR order by target. `targets` is the CSR (its order is the identity), `sources` the CSC with the
/// permutation between both; indices are i32. Copies are cheap and share everything.
struct Graph {
    std::int64_t nodes = 0;
    Grouping sources;          ///< groups the edges by the node that they leave
    Grouping targets;          ///< groups the edges by the node that they enter
    DType dtype = DType::f32;  ///< of what layers compute from the edges alone

    std::int64_t edges() const { return targets.entries(); }

    /// D^-1/2 (A + I) D^-1/2 of Kipf and Welling, "Semi-Supervised Classification with Graph Convolutional Networks",
    /// ICLR 2017, equation 2, with missing self loops added; D counts the edges into a node. Made by the first call,
    /// since only some layers need it and it is as large as the graph. Throws IndexError when the self loops make it
    /// more than i32 counts.
    const SparseMatrix& normalised_adjacency() const;

private:
    struct NormalisedAdjacency {
        std::once_flag made;
        SparseMatrix matrix;
    };
    std::shared_ptr<NormalisedAdjacency> normalised_ = std::make_shared<NormalisedAdjacency>();
};

/// Prepares the edges as they are: nothing is added, turned round or merged (see datasets/transforms.hpp). Throws
/// IndexError for an end outside 0 .. nodes-1.
Graph make_graph(const BackendPtr& backend, std::span<const Edge> edges, std::int64_t nodes, DType dtype = DType::f32);

/// The same from CSR arrays, for graphs whose edges would not fit into memory twice: the edges into node i come from
/// sources[offsets[i]] .. sources[offsets[i + 1] - 1] and keep this order. Throws ShapeError for offsets that do not
/// rise from 0 to the number of sources, IndexError for a source outside 0 .. nodes-1.
Graph make_graph(const BackendPtr& backend, std::span<const std::int32_t> offsets,
                 std::span<const std::int32_t> sources, DType dtype = DType::f32);

}  // namespace tapegrad
