#include "tools/training/graph_data.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "autograd/edit_distance.hpp"
#include "autograd/errors.hpp"
#include "datasets/transforms.hpp"
#include "tools/common/share_folder.hpp"

namespace tapegrad {

std::filesystem::path data_root() {
    const char* const root = std::getenv("TAPEGRAD_DATA");
    return root != nullptr ? root : share_folder() / "datasets";
}

void check_dataset_name(const std::string& name) {
    if (name.find('/') != std::string::npos) return;
    std::vector<std::string> known;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(data_root(), error))
        if (exists(entry.path() / "papers.tsv", error)) known.push_back(entry.path().filename().string());
    if (known.empty())
        throw ConfigError("data sets", "folders of known data sets in " + data_root().string(), "none",
                          std::getenv("TAPEGRAD_DATA") != nullptr
                              ? "Correct TAPEGRAD_DATA, or unset it for those that come with the program"
                              : "Set TAPEGRAD_DATA to the folder that holds cora/, or install tapegrad anew");
    if (std::ranges::find(known, name) != known.end()) return;
    throw ConfigError("dataset.name", fmt::format("one of {}, or a path with a '/'", fmt::join(known, ", ")),
                      fmt::format("\"{}\"", name), fmt::format("The nearest is \"{}\"", nearest(name, known)));
}

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
