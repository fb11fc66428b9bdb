#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <vector>

#include "autograd/errors.hpp"
#include "datasets/checksums.hpp"
#include "datasets/files.hpp"
#include "datasets/paper_index.hpp"
#include "datasets/text.hpp"
#include "datasets/text_form.hpp"
#include "datasets/text_lines.hpp"

namespace tapegrad {
namespace {

using namespace text_form;

[[noreturn]] void bad(const LineReader& lines, const std::string& expected, std::string_view got,
                      const std::string& advice) {
    throw DataError(lines.where(), expected, quote(got), advice);
}

/// Reads the lines above the table: comments, the number of features, the classes.
void read_preamble(LineReader& lines, Dataset& dataset) {
    if (!lines.next() || lines.line() != first_line)
        bad(lines, fmt::format("'{}'", first_line), lines.line(), "Begin the file with that line");
    bool has_features = false;
    while (lines.next() && lines.line().starts_with('#')) {
        std::string_view line = lines.line();
        if (line.starts_with(features_line)) {
            line.remove_prefix(features_line.size());
            dataset.features.columns = parse_number<std::int32_t>(line, "a number of features", lines);
            if (dataset.features.columns < 0) bad(lines, "a number of features from 0 on", line, "Correct it");
            has_features = true;
        } else if (line.starts_with(class_line)) {
            line.remove_prefix(class_line.size());
            const auto& classes = dataset.class_names;
            if (line.empty() || line == no_label || line.find('\t') != std::string_view::npos ||
                std::find(classes.begin(), classes.end(), line) != classes.end())
                bad(lines, "a new class name", line, "Name each class once, none '-' and none with a tab");
            dataset.class_names.emplace_back(line);
        }
    }
    if (!has_features)
        bad(lines, fmt::format("'{}N' above the table", features_line), "none", "Say how many features there are");
    if (lines.line() != papers_header)
        bad(lines, "the header 'paper<TAB>label<TAB>split<TAB>words'", lines.line(), "Put it above the table");
}

std::int32_t read_label(std::string_view name, const LineReader& lines, const Dataset& dataset) {
    if (name == no_label) return unlabelled;
    const auto& classes = dataset.class_names;
    const auto found = std::find(classes.begin(), classes.end(), name);
    if (found == classes.end())
        bad(lines, "a class that a line '# class NAME' names, or '-'", name, "Correct the label or add the class");
    return static_cast<std::int32_t>(found - classes.begin());
}

void read_split(std::string_view word, std::int32_t node, const LineReader& lines, Dataset& dataset) {
    const std::array members{&dataset.train, &dataset.validation, &dataset.test};
    const auto found = std::find(splits.begin(), splits.end(), word);
    if (found == splits.end() && word != no_split)
        bad(lines, fmt::format("one of {} or {}", fmt::join(splits, ", "), no_split), word, "Correct the split");
    if (found == splits.end()) return;
    if (dataset.labels[node] == unlabelled)
        bad(lines, "a label, as the paper is in a split", no_label, "Give it a label or the split 'none'");
    members[static_cast<std::size_t>(found - splits.begin())]->push_back(node);
}

/// Reads one of "WORD" and "WORD:VALUE".
void read_word(std::string_view text, const LineReader& lines, SparseRows& features) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    const auto word = parse_number<std::int32_t>(text.substr(0, colon), "a word number", lines);
    const auto value =
        colon == text.size() ? 1.0F : parse_number<float>(text.substr(colon + 1), "a word's value", lines);
    if (word < 0 || word >= features.columns)
        throw IndexError(lines.where(), fmt::format("word numbers from 0 to {}", features.columns - 1),
                         std::to_string(word), "Correct the word, or the number in '# features'");
    const bool first = static_cast<std::size_t>(features.row_offsets.back()) == features.values.size();
    if (!first && word <= features.column_index.back())
        bad(lines, fmt::format("a word number above {}", features.column_index.back()), text,
            "Sort the words of a paper, each once");
    if (!std::isfinite(value)) bad(lines, "a finite value", text, "Replace it by a number, or leave the word out");
    features.column_index.push_back(word);
    features.values.push_back(value);
}

PaperIndex read_papers(LineReader& lines, Dataset& dataset) {
    PaperIndex papers;
    while (lines.next()) {
        // Editors that strip blanks at line ends take the last tab of a paper without words.
        const auto fields = split(lines.line(), "\t");
        if (fields.size() != 3 && fields.size() != 4)
            bad(lines, "four fields separated by tabs: paper, label, split, words", lines.line(), "Complete the line");
        const std::int32_t node = papers.add(fields[0], lines);
        dataset.node_names.emplace_back(fields[0]);
        dataset.labels.push_back(read_label(fields[1], lines, dataset));
        read_split(fields[2], node, lines, dataset);
        if (fields.size() == 4)
            for (const std::string_view word : split(fields[3], " ", true)) read_word(word, lines, dataset.features);
        dataset.features.end_row();
    }
    if (dataset.labels.empty()) bad(lines, "a paper below the header", "", "Add papers, or fetch the file again");
    dataset.nodes = static_cast<std::int32_t>(dataset.labels.size());
    return papers;
}

void read_citations(LineReader& lines, const PaperIndex& papers, Dataset& dataset) {
    while (lines.next() && lines.line().starts_with('#')) {
    }
    if (lines.line() != citations_header)
        bad(lines, "the header 'citing<TAB>cited'", lines.line(), "Put it above the citations");
    while (lines.next()) {
        const auto fields = split(lines.line(), "\t");
        if (fields.size() != 2)
            bad(lines, "two fields separated by a tab: citing, cited", lines.line(), "Write one citation a line");
        const std::int32_t citing = papers.at(fields[0], lines);
        dataset.edges.push_back({papers.at(fields[1], lines), citing});
    }
}

}  // namespace

Dataset load_text(const std::filesystem::path& folder) {
    const std::filesystem::path papers_path = folder / papers_file, citations_path = folder / citations_file;
    const std::string papers_text = read_file(papers_path);
    const std::string citations_text = read_file(citations_path);
    verify_checksums(folder, {{std::string(papers_file), papers_text}, {std::string(citations_file), citations_text}});

    Dataset dataset;
    dataset.name = std::filesystem::canonical(folder).filename().string();
    LineReader papers_lines(papers_path, papers_text);
    read_preamble(papers_lines, dataset);
    const PaperIndex papers = read_papers(papers_lines, dataset);
    LineReader citations_lines(citations_path, citations_text);
    read_citations(citations_lines, papers, dataset);
    check(dataset, folder.string());
    return dataset;
}

}  // namespace tapegrad
