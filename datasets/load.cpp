#include "datasets/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "autograd/errors.hpp"
#include "datasets/checksums.hpp"
#include "datasets/files.hpp"
#include "datasets/planetoid.hpp"
#include "datasets/text.hpp"
#include "datasets/text_form.hpp"

namespace tapegrad {
namespace {

namespace fs = std::filesystem;

/// What stands for NAME in the files PREFIX + NAME + SUFFIX of a folder, in alphabetical order.
std::vector<std::string> names_between(const fs::path& folder, std::string_view prefix, std::string_view suffix) {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& file : fs::directory_iterator(folder, error)) {
        const std::string name = file.path().filename().string();
        if (name.size() > prefix.size() + suffix.size() && name.starts_with(prefix) && name.ends_with(suffix))
            names.push_back(name.substr(prefix.size(), name.size() - prefix.size() - suffix.size()));
    }
    std::sort(names.begin(), names.end());
    return names;
}

/// None, or the only one. Throws DataError for several.
std::optional<std::string> only_one(const std::vector<std::string>& names, const fs::path& folder,
                                    const std::string& advice) {
    if (names.size() > 1)
        throw DataError(folder.string(), "one data set", fmt::format("several: {}", fmt::join(names, ", ")), advice);
    return names.empty() ? std::nullopt : std::optional(names[0]);
}

DatasetFiles planetoid_files(const fs::path& folder, const std::string& name) {
    DatasetFiles found{DatasetForm::planetoid, folder, name, {}};
    for (const char* const part : {"x", "y", "tx", "ty", "allx", "ally", "graph", "test.index"})
        found.files.push_back(fmt::format("ind.{}.{}", name, part));
    return found;
}

void verify_files(const DatasetFiles& files) {
    std::error_code error;
    if (!fs::exists(files.folder / "SHA256SUMS", error)) return;
    std::vector<std::string> contents;
    for (const std::string& file : files.files) contents.push_back(read_file(files.folder / file));
    std::vector<NamedContent> named;
    for (std::size_t i = 0; i < contents.size(); ++i) named.push_back({files.files[i], contents[i]});
    verify_checksums(files.folder, named);
}

}  // namespace

std::string_view form_name(DatasetForm form) {
    switch (form) {
        case DatasetForm::text:
            return "text";
        case DatasetForm::linqs:
            return "linqs";
        case DatasetForm::planetoid:
            break;
    }
    return "planetoid";
}

std::optional<DatasetFiles> find_dataset(const fs::path& path) {
    std::error_code error;
    if (fs::exists(path / text_form::papers_file, error))
        return DatasetFiles{DatasetForm::text,
                            path,
                            fs::weakly_canonical(path).filename().string(),
                            {std::string(text_form::papers_file), std::string(text_form::citations_file)}};

    if (const auto name = only_one(names_between(path, "", ".content"), path, "Put each into a folder of its own"))
        return DatasetFiles{DatasetForm::linqs, path, *name, {*name + ".content", *name + ".cites"}};

    const std::string file_name = path.filename().string();
    if (file_name.starts_with("ind.") && fs::exists(path.string() + ".graph", error))
        return planetoid_files(path.parent_path(), file_name.substr(4));
    if (const auto name = only_one(names_between(path, "ind.", ".graph"), path, "Write FOLDER/ind.NAME"))
        return planetoid_files(path, *name);
    return std::nullopt;
}

Dataset load_dataset(const DatasetFiles& files, UnknownPaper unknown) {
    if (files.form == DatasetForm::text) return load_text(files.folder);
    verify_files(files);
    if (files.form == DatasetForm::planetoid) return load_planetoid(files.folder, files.name);
    return load_linqs(files.folder / files.files[0], files.folder / files.files[1], unknown);
}

Dataset load_dataset(const std::string& name_or_path, const std::vector<fs::path>& data_folders) {
    if (name_or_path.find('/') == std::string::npos && !name_or_path.empty())
        for (const fs::path& folder : data_folders)
            if (const auto files = find_dataset(folder / name_or_path)) return load_dataset(*files);
    if (const auto files = find_dataset(name_or_path)) return load_dataset(*files);
    std::error_code error;
    throw DataError(fmt::format("data set '{}'", name_or_path),
                    "the name of a data set that is there, or a folder with papers.tsv, *.content or ind.*.graph",
                    fs::is_directory(name_or_path, error) ? "a folder without these" : "neither",
                    "Correct the name or the path; datasets/README.md describes how to write a graph of your own");
}

}  // namespace tapegrad
