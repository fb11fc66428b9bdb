#include "tools/training/graph_data.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "autograd/errors.hpp"
#include "datasets/transforms.hpp"

namespace tapegrad {

GraphInput prepare_graph_input(const Dataset& dataset, const nlohmann::json& settings, const BackendPtr& backend) {
    std::vector<Edge> edges = dataset.edges;
    if (settings.at("symmetrise")) edges = symmetrise(std::move(edges));
    if (settings.at("merge_duplicates")) edges = merge_duplicates(std::move(edges));
    if (settings.at("self_loops")) edges = add_self_loops(std::move(edges), dataset.nodes);

    SparseRows rows = dataset.features;
    if (settings.at("feature_normalisation") == "rows") rows = normalise_rows(std::move(rows));
    const SparseMatrix features = make_sparse(backend, rows.row_offsets, rows.column_index, rows.values, rows.columns);
    return {make_graph(backend, edges, dataset.nodes),
            settings.at("features") == "dense" ? Value(to_dense(features)) : Value(features), rows.columns};
}

GraphData prepare_graph_data(const Dataset& dataset, const nlohmann::json& settings, const BackendPtr& backend) {
    const auto classes = static_cast<std::int64_t>(dataset.class_names.size());
    const auto labelled = [&](const std::vector<std::int32_t>& nodes, const char* split) {
        if (nodes.empty())
            throw DataError(fmt::format("data set {}, split {}", dataset.name, split), "at least one node", "none",
                            "Name some in the text form, which datasets/README.md describes; the LINQS form has no "
                            "split");
        return make_labelled_rows(backend, nodes, dataset.labels, classes);
    };
    return {prepare_graph_input(dataset, settings, backend), classes, labelled(dataset.train, "train"),
            labelled(dataset.validation, "val"), labelled(dataset.test, "test")};
}

}  // namespace tapegrad
