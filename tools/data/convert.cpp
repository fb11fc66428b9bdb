#include "tools/data/convert.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <system_error>

#include "autograd/errors.hpp"
#include "datasets/planetoid.hpp"
#include "datasets/text.hpp"
#include "datasets/transforms.hpp"
#include "tools/data/staged_folder.hpp"

namespace tapegrad {
namespace {

namespace fs = std::filesystem;

void check_destination(const fs::path& destination, bool overwrite) {
    std::error_code error;
    if (!fs::exists(fs::symlink_status(destination, error))) return;
    if (fs::is_directory(destination, error) && fs::is_empty(destination, error)) return;
    if (!overwrite)
        throw ConfigError("destination " + destination.string(), "no such folder yet", "one that is there",
                          "Choose another, or give --overwrite to replace the data set in it");
    const std::optional<DatasetFiles> there = find_dataset(destination);
    const auto is_of_it = [&](const std::string& name) {
        return there && (name == "SHA256SUMS" || std::ranges::find(there->files, name) != there->files.end());
    };
    if (const auto other = foreign_entry(destination, is_of_it))
        throw ConfigError("destination " + destination.string(), "a folder with nothing but one data set",
                          "one with " + *other, "Choose another; --overwrite replaces data sets alone");
}

void write(const Dataset& dataset, DatasetForm form, const fs::path& folder) {
    switch (form) {
        case DatasetForm::text:
            return write_text(dataset, folder);
        case DatasetForm::linqs:
            return write_linqs(dataset, folder);
        case DatasetForm::planetoid:
            return write_planetoid(dataset, folder);
    }
}

std::vector<std::string> differences(const Dataset& before, const Dataset& after) {
    std::vector<std::string> notes;
    const auto note = [&](bool differs, const char* text) {
        if (differs) notes.emplace_back(text);
    };
    const std::set<std::string> classes_before(before.class_names.begin(), before.class_names.end()),
        classes_after(after.class_names.begin(), after.class_names.end());
    note(after.node_names != before.node_names, "The names of the nodes are not kept: this form numbers them.");
    note(classes_after != classes_before, "The names of the classes are not kept.");
    note(classes_after == classes_before && after.class_names != before.class_names,
         "The classes are numbered in another order.");
    const std::vector<Edge> edges_before = merge_duplicates(before.edges), edges_after = merge_duplicates(after.edges);
    note(edges_after != edges_before, "Every edge is written in both directions.");
    note(edges_before.size() < before.edges.size() && edges_after.size() == after.edges.size(),
         "Edges that are there several times are written once.");
    note(std::ranges::count(after.features.values, 0.0F) < std::ranges::count(before.features.values, 0.0F),
         "Features of value 0 are left out, as if they were not there.");
    note(after.train != before.train || after.validation != before.validation || after.test != before.test,
         "The split is not kept: this form has none.");
    return notes;
}

}  // namespace

std::vector<std::string> convert_dataset(const Dataset& dataset, DatasetForm form, const fs::path& destination,
                                         bool overwrite) {
    check_destination(destination, overwrite);
    StagedFolder staged(destination);
    const fs::path content = staged.path() / "content";
    write(dataset, form, content);
    const std::vector<std::string> notes = differences(dataset, load_dataset(content.string(), {}));
    staged.publish(content);
    return notes;
}

}  // namespace tapegrad
