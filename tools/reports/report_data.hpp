// The data of report.html.
#pragma once

#include <filesystem>

#include <nlohmann/json.hpp>

#include "datasets/dataset.hpp"
#include "nn/layers/sequential.hpp"
#include "tools/reports/embedding_map.hpp"
#include "tools/training/graph_data.hpp"

namespace tapegrad {

/// A trained model and what it was trained on.
struct ReportInputs {
    const std::filesystem::path& folder;  ///< of the run: run.json, result.json and metrics.jsonl are read from here
    const nlohmann::json& config;         ///< complete
    const Sequential& model;              ///< with the weights to report on; they stay as they are
    const Dataset& dataset;
    const GraphData& data;  ///< the same, prepared
    MapMethod map = MapMethod::pca;
};

/// One JSON object with all that the page shows; docs/report.md lists its keys. Parts that the run does not have are
/// absent: attention without an attending layer, result and metrics where the folder lacks these files. Of a graph too
/// large to look at on a page, what there is for each node and edge is left out. Makes a few training steps on a copy
/// of the model, for the tape and the times. Throws DataError for a file that is damaged, and for a node whose logits
/// are not finite.
nlohmann::json report_data(const ReportInputs& inputs);

}  // namespace tapegrad
