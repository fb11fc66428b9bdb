// Draws by weight in constant time.
#pragma once

#include <cstdint>
#include <vector>

namespace tapegrad {

/// Walker's alias method (Vose, "A linear algorithm for generating random numbers with a given distribution", IEEE
/// Transactions on Software Engineering 17(9), 1991): every column holds its own number up to a threshold, and one
/// other number above it.
class AliasTable {
public:
    /// Weights above 0, at least one, fewer than 2^31.
    explicit AliasTable(std::vector<double> weights);

    /// A number of 0 .. weights-1 by its weight, from two random words.
    std::int32_t pick(std::uint32_t column_word, std::uint32_t height_word) const {
        const Column& column = columns_[(std::uint64_t{column_word} * columns_.size()) >> 32];
        return height_word < column.threshold ? column.own : column.other;
    }

private:
    struct Column {
        std::uint64_t threshold;  // of 2^32
        std::int32_t own, other;
    };
    std::vector<Column> columns_;
};

}  // namespace tapegrad
