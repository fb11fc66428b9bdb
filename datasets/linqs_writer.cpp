#include <fmt/format.h>

#include <limits>
#include <string>
#include <system_error>
#include <vector>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "datasets/linqs.hpp"
#include "datasets/text_lines.hpp"

namespace tapegrad {
namespace {

/// Fields end at a blank, and a byte order mark at the beginning of a file is no part of it.
void expect_without_blanks(const std::vector<std::string>& names, const std::string& where) {
    for (const std::string& name : names)
        if (name.empty() || name.find_first_of(" \t\r\n") != std::string::npos || name.starts_with(byte_order_mark))
            throw DataError(where, "a name without blanks", quote(name), "Rename it, or write the text form");
}

/// The loader refuses files of 2 GiB and more.
void expect_small_table(const Dataset& dataset) {
    constexpr std::int64_t bytes_per_number = 2, most = std::numeric_limits<std::int32_t>::max();
    if (dataset.features.columns > most / bytes_per_number / dataset.nodes)
        throw DataError("write_linqs, " + dataset.name, "a table below 2 GiB",
                        fmt::format("{} nodes with {} features", dataset.nodes, dataset.features.columns),
                        "Write the text form, which leaves zeros out");
}

std::string content_text(const Dataset& dataset) {
    const SparseRows& features = dataset.features;
    std::string text;
    for (std::int32_t node = 0; node < dataset.nodes; ++node) {
        if (dataset.labels[node] == unlabelled)
            throw DataError(fmt::format("write_linqs, node {} ({})", node, dataset.node_names[node]), "a label", "none",
                            "Write the text form, which has a sign for an unknown class");
        text += dataset.node_names[node];
        std::int32_t entry = features.row_offsets[node];
        for (std::int32_t column = 0; column < features.columns; ++column) {
            const bool is_next = entry < features.row_offsets[node + 1] && features.column_index[entry] == column;
            // fmt writes the shortest text that reads back as the same number.
            text += is_next ? fmt::format("\t{}", features.values[entry]) : "\t0";
            if (is_next) ++entry;
        }
        text += '\t' + dataset.class_names[dataset.labels[node]] + '\n';
    }
    return text;
}

std::string cites_text(const Dataset& dataset) {
    std::string text;
    for (const auto& [cited, citing] : dataset.edges)
        text += dataset.node_names[cited] + '\t' + dataset.node_names[citing] + '\n';
    return text;
}

}  // namespace

void write_linqs(const Dataset& dataset, const std::filesystem::path& folder) {
    const std::string where = "write_linqs, " + dataset.name;
    check(dataset, where);
    expect_without_blanks(dataset.node_names, where + ", node names");
    expect_without_blanks(dataset.class_names, where + ", class names");
    expect_small_table(dataset);
    const std::string content = content_text(dataset);
    std::error_code ignored;  // write_file says what is wrong with the folder
    std::filesystem::create_directories(folder, ignored);
    write_file(folder / (dataset.name + ".content"), content);
    write_file(folder / (dataset.name + ".cites"), cites_text(dataset));
}

}  // namespace tapegrad
