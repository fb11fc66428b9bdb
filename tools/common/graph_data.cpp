#include "tools/common/graph_data.hpp"

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "datasets/transforms.hpp"

namespace tapegrad {

std::filesystem::path data_root() {
    const char* root = std::getenv("TAPEGRAD_DATA");
    return root != nullptr ? root : TAPEGRAD_SOURCE_DIR "/datasets";
}

GraphData prepare_graph_data(Dataset dataset, const nlohmann::json& settings, const BackendPtr& backend) {
    std::vector<Edge> edges = std::move(dataset.edges);
    if (settings.at("symmetrise")) edges = symmetrise(std::move(edges));
    if (settings.at("merge_duplicates")) edges = merge_duplicates(std::move(edges));
    if (settings.at("self_loops")) edges = add_self_loops(std::move(edges), dataset.nodes);

    SparseRows rows = std::move(dataset.features);
    if (settings.at("feature_normalisation") == "rows") rows = normalise_rows(std::move(rows));
    const SparseMatrix features = make_sparse(backend, rows.row_offsets, rows.column_index, rows.values, rows.columns);

    const auto classes = static_cast<std::int64_t>(dataset.class_names.size());
    const auto labelled = [&](const std::vector<std::int32_t>& nodes) {
        return make_labelled_rows(backend, nodes, dataset.labels, classes);
    };
    return {make_graph(backend, edges, dataset.nodes),
            settings.at("features") == "dense" ? Value(to_dense(features)) : Value(features),
            rows.columns,
            classes,
            labelled(dataset.train),
            labelled(dataset.validation),
            labelled(dataset.test)};
}

}  // namespace tapegrad
