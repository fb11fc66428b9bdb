// A drawing in the plane of the rows that a model makes of its nodes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/reports/model_analysis.hpp"

namespace tapegrad {

enum class MapMethod { pca, tsne };

struct EmbeddingMap {
    MapMethod method;
    std::vector<float> x, y;                         ///< of each node, or of each of `nodes`
    std::optional<std::array<double, 2>> explained;  ///< pca: the fraction of the variance along x and y
    std::vector<std::int32_t> nodes;                 ///< those in the map, ascending, where not all are; else empty
};

/// How many nodes a map shows at most; of more, a sample is drawn, always the same.
inline constexpr std::int64_t most_nodes_of_pca = 20000, most_nodes_of_tsne = 3000;

EmbeddingMap map_embedding(const Embedding& embedding, MapMethod method);

}  // namespace tapegrad
