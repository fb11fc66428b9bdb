#include "tools/data/dataset_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>

#include "datasets/checksums.hpp"
#include "datasets/files.hpp"
#include "tools/common/output.hpp"
#include "tools/common/share_folder.hpp"
#include "tools/data/fetchable_datasets.hpp"
#include "tools/data/known_datasets.hpp"

namespace tapegrad {
namespace {

std::string class_table(const DatasetStatistics& statistics) {
    Table table({"class", "nodes", "train", "val", "test"});
    const auto add = [&](const std::string& name, std::int64_t nodes, std::int64_t train, std::int64_t validation,
                         std::int64_t test) {
        table.add(
            {name, std::to_string(nodes), std::to_string(train), std::to_string(validation), std::to_string(test)});
    };
    for (const ClassCounts& counts : statistics.classes)
        add(counts.name, counts.nodes, counts.train, counts.validation, counts.test);
    if (statistics.unlabelled > 0) add("(no label)", statistics.unlabelled, 0, 0, 0);
    add("all", statistics.nodes, statistics.train, statistics.validation, statistics.test);
    return table.text();
}

}  // namespace

std::vector<FileDigest> digests_of(const DatasetFiles& files) {
    std::vector<FileDigest> digests;
    for (const std::string& file : files.files) digests.push_back({file, sha256(read_file(files.folder / file))});
    return digests;
}

std::string to_text(const DatasetFiles& files, const DatasetStatistics& statistics,
                    const std::vector<FileDigest>& digests) {
    std::string text = fmt::format("{}: {} form, in {}\n\n", files.name, form_name(files.form), files.folder.string());
    const auto line = [&](const char* what, const std::string& value) {
        text += fmt::format("{:<20}{}\n", what, value);
    };
    line("nodes", fmt::format("{}, {} of them isolated", statistics.nodes, statistics.isolated));
    line("edges in the files", fmt::format("{}", statistics.edges));
    line("edges, undirected", fmt::format("{}, each once, without self loops", statistics.pairs));
    line("self loops", fmt::format("{}", statistics.self_loops));
    line("edges to train on",
         fmt::format("{}, with the default preparation: both directions and all self loops", statistics.prepared));
    line("features", fmt::format("{}; {} values are not 0 ({:.2f} %)", statistics.features, statistics.non_zeros,
                                 100 * statistics.density));
    line("neighbours", fmt::format("min {}, median {:g}, mean {:.2f}, max {}", statistics.degree_min,
                                   statistics.degree_median, statistics.degree_mean, statistics.degree_max));
    line("components", fmt::format("{}, the largest of {} nodes", statistics.components, statistics.largest_component));
    line("edge homophily",
         std::isnan(statistics.homophily)
             ? "none, as no edge joins two labelled nodes"
             : fmt::format("{:.4f} of the edges between labelled nodes join equal classes", statistics.homophily));
    text += fmt::format("\n{}\n", class_table(statistics));
    for (const FileDigest& digest : digests) text += fmt::format("{}  {}\n", digest.sha256, digest.file);
    return text;
}

nlohmann::json to_json(const DatasetFiles& files, const DatasetStatistics& statistics,
                       const std::vector<FileDigest>& digests) {
    nlohmann::json classes = nlohmann::json::array(), sums;
    for (const ClassCounts& counts : statistics.classes)
        classes.push_back({{"name", counts.name},
                           {"nodes", counts.nodes},
                           {"train", counts.train},
                           {"val", counts.validation},
                           {"test", counts.test}});
    for (const FileDigest& digest : digests) sums[digest.file] = digest.sha256;
    return {{"name", files.name},
            {"form", form_name(files.form)},
            {"folder", files.folder.string()},
            {"nodes", statistics.nodes},
            {"edges", statistics.edges},
            {"undirected_edges", statistics.pairs},
            {"self_loops", statistics.self_loops},
            {"prepared_edges", statistics.prepared},
            {"features", statistics.features},
            {"non_zeros", statistics.non_zeros},
            {"density", statistics.density},
            {"classes", classes},
            {"unlabelled", statistics.unlabelled},
            {"split", {{"train", statistics.train}, {"val", statistics.validation}, {"test", statistics.test}}},
            {"isolated", statistics.isolated},
            {"degree",
             {{"min", statistics.degree_min},
              {"median", statistics.degree_median},
              {"mean", statistics.degree_mean},
              {"max", statistics.degree_max}}},
            {"components", statistics.components},
            {"largest_component", statistics.largest_component},
            {"homophily", std::isnan(statistics.homophily) ? nlohmann::json() : nlohmann::json(statistics.homophily)},
            {"sha256", sums}};
}

std::string list_datasets(std::vector<std::string>& faults) {
    Table table({"name", "nodes", "edges", "features", "classes"});
    std::vector<std::string> places{"where"};
    const auto add = [&](const std::string& name, const auto& nodes, const auto& edges, const auto& features,
                         const auto& classes, const std::string& place) {
        table.add({name, fmt::format("{}", nodes), fmt::format("{}", edges), fmt::format("{}", features),
                   fmt::format("{}", classes)});
        places.push_back(place);
    };
    const std::vector<KnownDataset> known = known_datasets();
    for (const auto& [name, files] : known) try {
            const DatasetStatistics statistics = statistics_of(load_dataset(files));
            add(name, statistics.nodes, statistics.pairs, statistics.features, statistics.classes.size(),
                files.folder.string());
        } catch (const std::exception& error) {
            faults.emplace_back(error.what());
            add(name, "-", "-", "-", "-", files.folder.string() + " (cannot be read)");
        }
    for (const FetchableDataset& dataset : fetchable_datasets())
        if (std::ranges::find(known, dataset.name, &KnownDataset::name) == known.end())
            add(dataset.name, dataset.nodes, dataset.pairs, dataset.features, dataset.classes,
                fmt::format("not there yet: {} fetch {}", tool_command("datasets"), dataset.name));

    // The places follow the table's lines: they are too long to end at one column.
    const std::string numbers = table.text();
    std::size_t begin = 0, width = numbers.find('\n');
    std::string text;
    for (const std::string& place : places) {
        const std::size_t end = numbers.find('\n', begin);
        text += fmt::format("{:<{}}  {}\n", numbers.substr(begin, end - begin), width, place);
        begin = end + 1;
    }
    return text;
}

}  // namespace tapegrad
