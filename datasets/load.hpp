// One door to all data sets: by name, or by the path of files in any of the forms that can be read.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/dataset.hpp"
#include "datasets/linqs.hpp"

namespace tapegrad {

enum class DatasetForm { text, linqs, planetoid };

/// "text", "linqs" or "planetoid".
std::string_view form_name(DatasetForm form);

/// The files of one data set; nothing is read yet.
struct DatasetFiles {
    DatasetForm form;
    std::filesystem::path folder;
    std::string name;
    std::vector<std::string> files;  ///< without folder, in the order of the loader
};

/// What lies at `path`:
///   - a folder with papers.tsv: text form;
///   - a folder with one *.content file, and the *.cites file of the same name: LINQS;
///   - a folder with one ind.NAME.graph file, or FOLDER/ind.NAME where there are several: Planetoid.
/// None if it is none of these. Throws DataError for a folder with several data sets.
std::optional<DatasetFiles> find_dataset(const std::filesystem::path& path);

/// Loads them. If the folder holds a file SHA256SUMS, all files must match it. Throws whatever the loaders throw.
Dataset load_dataset(const DatasetFiles& files, UnknownPaper unknown = UnknownPaper::reject);

/// Loads what `name_or_path` says: what `find_dataset` finds of that name in the first of `data_folders` that has it,
/// unless it contains a '/', or else at that path. Throws DataError, saying what was looked for, if there is nothing,
/// and whatever the loaders throw.
Dataset load_dataset(const std::string& name_or_path, const std::vector<std::filesystem::path>& data_folders);

}  // namespace tapegrad
