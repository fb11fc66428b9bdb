// The data sets that go by a name: those that came with the program, those that the user fetched, and where they lie.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "datasets/load.hpp"

namespace tapegrad {

/// Where `tools/datasets fetch` keeps what it fetched: $XDG_DATA_HOME/tapegrad/datasets, or else
/// ~/.local/share/tapegrad/datasets. None if neither XDG_DATA_HOME nor HOME is an absolute path.
std::optional<std::filesystem::path> user_data_folder();

/// Where data sets are looked for by name, in this order: $TAPEGRAD_DATA, share/tapegrad/datasets beside the program's
/// own folder, the user's folder.
std::vector<std::filesystem::path> data_folders();

struct KnownDataset {
    std::string name;  ///< of its folder
    DatasetFiles files;
};

/// The data sets in `data_folders()` by name, in alphabetical order; of equal names that in the first of the folders.
std::vector<KnownDataset> known_datasets();

/// Throws ConfigError with the nearest known name unless `name` contains a '/' or is one of `known_datasets()`. The
/// error says how to fetch one that can be fetched, and where data sets were looked for when there are none.
void check_dataset_name(const std::string& name);

}  // namespace tapegrad
