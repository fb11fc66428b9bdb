#include <fmt/format.h>

#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "autograd/errors.hpp"
#include "datasets/checksums.hpp"
#include "datasets/files.hpp"
#include "datasets/text.hpp"
#include "datasets/text_form.hpp"
#include "datasets/text_lines.hpp"

namespace tapegrad {
namespace {

using namespace text_form;

/// Names end at a tab or a line's end.
void expect_plain(const std::vector<std::string>& names, std::string_view forbidden, const std::string& where) {
    for (const std::string& name : names)
        if (name.empty() || name == forbidden || name.find_first_of("\t\r\n") != std::string::npos)
            throw DataError(where, "a name without tab or line end that stands for nothing else", quote(name),
                            "Rename it");
}

std::string papers_text(const Dataset& dataset) {
    std::vector<std::string_view> split_of(static_cast<std::size_t>(dataset.nodes), no_split);
    for (const std::int32_t node : dataset.train) split_of[node] = splits[0];
    for (const std::int32_t node : dataset.validation) split_of[node] = splits[1];
    for (const std::int32_t node : dataset.test) split_of[node] = splits[2];

    std::string text = fmt::format("{}\n{}{}\n", first_line, features_line, dataset.features.columns);
    for (const std::string& name : dataset.class_names) text += fmt::format("{}{}\n", class_line, name);
    text += fmt::format("{}\n", papers_header);
    for (std::int32_t node = 0; node < dataset.nodes; ++node) {
        const std::int32_t label = dataset.labels[node];
        text +=
            fmt::format("{}\t{}\t{}\t", dataset.node_names[node],
                        label == unlabelled ? no_label : std::string_view(dataset.class_names[label]), split_of[node]);
        const auto& features = dataset.features;
        for (std::int32_t entry = features.row_offsets[node]; entry < features.row_offsets[node + 1]; ++entry) {
            if (entry > features.row_offsets[node]) text += ' ';
            text += std::to_string(features.column_index[entry]);
            // fmt writes the shortest text that reads back as the same number.
            if (features.values[entry] != 1.0F) text += fmt::format(":{}", features.values[entry]);
        }
        text += '\n';
    }
    return text;
}

std::string citations_text(const Dataset& dataset) {
    std::string text = fmt::format("{}\n", citations_header);
    for (const auto& [cited, citing] : dataset.edges)
        text += fmt::format("{}\t{}\n", dataset.node_names[citing], dataset.node_names[cited]);
    return text;
}

}  // namespace

void write_text(const Dataset& dataset, const std::filesystem::path& folder) {
    check(dataset, "write_text, " + dataset.name);
    expect_plain(dataset.node_names, "", "write_text, node names");
    expect_plain(dataset.class_names, no_label, "write_text, class names");
    std::error_code ignored;  // write_file says what is wrong with the folder
    std::filesystem::create_directories(folder, ignored);
    const std::string papers = papers_text(dataset), citations = citations_text(dataset);
    write_file(folder / papers_file, papers);
    write_file(folder / citations_file, citations);
    write_file(folder / "SHA256SUMS",
               checksum_lines({{std::string(papers_file), papers}, {std::string(citations_file), citations}}));
}

}  // namespace tapegrad
