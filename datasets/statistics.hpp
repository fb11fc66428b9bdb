// A data set in numbers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "datasets/dataset.hpp"

namespace tapegrad {

/// How many nodes of one class there are.
struct ClassCounts {
    std::string name;
    std::int64_t nodes = 0, train = 0, validation = 0, test = 0;
};

/// Neighbours, pairs, degrees and components are those of the undirected graph, without doubles and self loops.
struct DatasetStatistics {
    std::int64_t nodes = 0;
    std::int64_t edges = 0;       ///< in the files
    std::int64_t pairs = 0;       ///< of different nodes with an edge in either direction, each once
    std::int64_t self_loops = 0;  ///< nodes with an edge to themselves
    std::int64_t prepared = 0;    ///< edges after the default preparation: both directions of each pair, all self loops

    std::int64_t features = 0;
    std::int64_t non_zeros = 0;  ///< entries of the features, of all nodes
    double density = 0;          ///< non_zeros / (nodes * features); 0 without features

    std::vector<ClassCounts> classes;  ///< in the order of their numbers
    std::int64_t unlabelled = 0;
    std::int64_t train = 0, validation = 0, test = 0;

    std::int64_t isolated = 0;  ///< nodes without a neighbour
    std::int64_t degree_min = 0, degree_max = 0;
    double degree_median = 0, degree_mean = 0;  ///< the median of an even number: the mean of the middle two
    std::int64_t components = 0, largest_component = 0;

    /// The fraction of the pairs with two labels whose labels are equal (Zhu et al., "Beyond Homophily in Graph Neural
    /// Networks", NeurIPS 2020, definition 1); NaN without such pairs.
    double homophily = 0;
};

DatasetStatistics statistics_of(const Dataset& dataset);

}  // namespace tapegrad
