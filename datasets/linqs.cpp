#include "datasets/linqs.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <map>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "datasets/paper_index.hpp"
#include "datasets/text_lines.hpp"

namespace tapegrad {
namespace {

std::vector<std::string_view> fields_of(const LineReader& lines) { return split(lines.line(), "\t ", true); }

void read_words(const std::vector<std::string_view>& fields, const LineReader& lines, SparseRows& features) {
    for (std::size_t i = 1; i + 1 < fields.size(); ++i) {
        const auto value = parse_number<float>(fields[i], "a number for each word", lines);
        if (!std::isfinite(value))
            throw DataError(lines.where(), fmt::format("a finite value for word {}", i - 1), quote(fields[i]),
                            "Replace it by a number");
        if (value == 0.0F) continue;
        features.column_index.push_back(static_cast<std::int32_t>(i - 1));
        features.values.push_back(value);
    }
    features.end_row();
}

/// Class names in alphabetical order, and each paper's label.
void number_classes(const std::vector<std::string_view>& class_of_paper, Dataset& dataset) {
    std::map<std::string_view, std::int32_t> numbers;
    for (const std::string_view name : class_of_paper) numbers.emplace(name, 0);
    for (auto& [name, number] : numbers) {
        number = static_cast<std::int32_t>(dataset.class_names.size());
        dataset.class_names.emplace_back(name);
    }
    for (const std::string_view name : class_of_paper) dataset.labels.push_back(numbers.at(name));
}

PaperIndex read_papers(LineReader lines, Dataset& dataset) {
    PaperIndex papers;
    std::vector<std::string_view> class_of_paper;
    while (lines.next()) {
        const auto fields = fields_of(lines);
        const std::size_t expected = class_of_paper.empty() ? fields.size() : dataset.features.columns + 2;
        if (fields.size() < 2 || fields.size() != expected)
            throw DataError(lines.where(),
                            fmt::format("{} fields (id, words, class)", std::max<std::size_t>(expected, 2)),
                            std::to_string(fields.size()), "Give every paper a number for each word");
        dataset.features.columns = static_cast<std::int64_t>(fields.size()) - 2;
        dataset.nodes = papers.add(fields.front(), lines) + 1;
        dataset.node_names.emplace_back(fields.front());
        class_of_paper.push_back(fields.back());
        read_words(fields, lines, dataset.features);
    }
    number_classes(class_of_paper, dataset);
    return papers;
}

void read_citations(LineReader lines, const PaperIndex& papers, UnknownPaper unknown, Dataset& dataset) {
    while (lines.next()) {
        const auto fields = fields_of(lines);
        if (fields.size() != 2)
            throw DataError(lines.where(), "two fields (cited, citing)", std::to_string(fields.size()),
                            "Write one citation a line");
        if (unknown == UnknownPaper::skip && !(papers.find(fields[0]) && papers.find(fields[1]))) continue;
        dataset.edges.push_back({papers.at(fields[0], lines), papers.at(fields[1], lines)});
    }
}

}  // namespace

Dataset load_linqs(const std::filesystem::path& content_file, const std::filesystem::path& cites_file,
                   UnknownPaper unknown) {
    const std::string content = read_file(content_file);
    const std::string cites = read_file(cites_file);
    Dataset dataset;
    dataset.name = content_file.stem().string();
    const PaperIndex papers = read_papers(LineReader(content_file, content), dataset);
    read_citations(LineReader(cites_file, cites), papers, unknown, dataset);
    check(dataset, content_file.string());
    return dataset;
}

}  // namespace tapegrad
