#include "tools/reports/embedding_map.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "autograd/random.hpp"
#include "tools/reports/principal_components.hpp"
#include "tools/reports/tsne.hpp"

namespace tapegrad {
namespace {

// `count` of 0 .. nodes-1, ascending: the first ones of a Fisher-Yates shuffle.
std::vector<std::int32_t> sample(std::int64_t nodes, std::int64_t count) {
    std::vector<std::int32_t> all(static_cast<std::size_t>(nodes));
    std::iota(all.begin(), all.end(), 0);
    HostRandom random(1);
    for (std::int64_t i = 0; i < count; ++i)
        std::swap(all[static_cast<std::size_t>(i)], all[static_cast<std::size_t>(i + random.integer(nodes - i))]);
    all.resize(static_cast<std::size_t>(count));
    std::ranges::sort(all);
    return all;
}

std::vector<float> rows_of(const Embedding& embedding, const std::vector<std::int32_t>& nodes) {
    std::vector<float> rows;
    for (const std::int32_t node : nodes) {
        const auto row = embedding.values.begin() + node * embedding.width;
        rows.insert(rows.end(), row, row + embedding.width);
    }
    return rows;
}

}  // namespace

EmbeddingMap map_embedding(const Embedding& embedding, MapMethod method) {
    const auto nodes = static_cast<std::int64_t>(embedding.values.size()) / embedding.width;
    const std::int64_t most = method == MapMethod::pca ? most_nodes_of_pca : most_nodes_of_tsne;
    EmbeddingMap map{.method = method};
    if (nodes > most) map.nodes = sample(nodes, most);
    const std::vector<float> rows = nodes > most ? rows_of(embedding, map.nodes) : embedding.values;

    const PrincipalComponents components = principal_components(rows, embedding.width);
    if (method == MapMethod::pca) {
        map.x.assign(components.x.begin(), components.x.end());
        map.y.assign(components.y.begin(), components.y.end());
        map.explained = components.explained;
    } else {
        const TsneMap tsne = tsne_map(rows, embedding.width, components);
        map.x = tsne.x;
        map.y = tsne.y;
    }
    return map;
}

}  // namespace tapegrad
