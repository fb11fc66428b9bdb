// A graph data set as plain values on the host: what every loader returns, before any processing.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tapegrad {

/// A directed edge: messages flow from `source` to `target`. The loaders make the cited paper the source and the
/// citing paper the target, so a paper hears from the papers it cites.
struct Edge {
    std::int32_t source = 0;
    std::int32_t target = 0;
    bool operator==(const Edge&) const = default;
};

/// A sparse matrix [rows, columns] in CSR form: row r owns the entries row_offsets[r] .. row_offsets[r + 1] - 1, whose
/// columns ascend strictly.
struct SparseRows {
    std::int64_t rows = 0;
    std::int64_t columns = 0;
    std::vector<std::int32_t> row_offsets{0};  ///< [rows + 1]
    std::vector<std::int32_t> column_index;    ///< one an entry
    std::vector<float> values;                 ///< one an entry

    /// Ends the row that the entries pushed since the last call belong to.
    void end_row() {
        row_offsets.push_back(static_cast<std::int32_t>(values.size()));
        ++rows;
    }
    bool operator==(const SparseRows&) const = default;
};

/// The label of a node whose class is not known. Such a node belongs to no split.
inline constexpr std::int32_t unlabelled = -1;

/// Nodes with features, labels, edges and a split.
struct Dataset {
    std::string name;
    std::int32_t nodes = 0;
    SparseRows features;                   ///< [nodes, features]
    std::vector<std::int32_t> labels;      ///< [nodes]: an index into class_names, or `unlabelled`
    std::vector<std::string> class_names;  ///< all different
    std::vector<std::string> node_names;   ///< [nodes], all different
    std::vector<Edge> edges;               ///< in the order of the file; doubles and self loops are kept
    std::vector<std::int32_t> train;       ///< nodes, ascending; a node is in one split at most
    std::vector<std::int32_t> validation;
    std::vector<std::int32_t> test;
    bool operator==(const Dataset&) const = default;
};

/// Throws IndexError for a column out of range, and DataError for arrays that do not fit together, columns of a row
/// that do not ascend, and a value that is not finite. `where` starts each message.
void check(const SparseRows& features, const std::string& where);

/// Throws IndexError for a node or label out of range, and DataError for everything else that breaks what the
/// comments of Dataset promise. `where` starts each message. Every loader calls it last.
void check(const Dataset& dataset, const std::string& where);

}  // namespace tapegrad
