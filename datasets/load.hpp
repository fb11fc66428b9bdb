// One door to all data sets: by name, or by the path of files in any of the forms that can be read.
#pragma once

#include <filesystem>
#include <string>

#include "datasets/dataset.hpp"

namespace tapegrad {

/// Loads what `name_or_path` says:
///   - a known name ("cora"): the folder of that name in `data_root`, in text form;
///   - a folder with papers.tsv: text form;
///   - a folder with one *.content file, and the *.cites file of the same name: LINQS;
///   - a folder with one ind.NAME.graph file, or FOLDER/ind.NAME where there are several: Planetoid.
/// Throws DataError, saying what was looked for, if it is none of these, and whatever the loaders throw.
Dataset load_dataset(const std::string& name_or_path, const std::filesystem::path& data_root);

}  // namespace tapegrad
