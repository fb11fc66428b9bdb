// What `tools/datasets` prints about data sets.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "datasets/load.hpp"
#include "datasets/statistics.hpp"

namespace tapegrad {

/// A file of a data set and its SHA-256.
struct FileDigest {
    std::string file, sha256;
};

/// Reads each file. Throws DataError for one that cannot be read.
std::vector<FileDigest> digests_of(const DatasetFiles& files);

/// Everything about one data set, for the screen.
std::string to_text(const DatasetFiles& files, const DatasetStatistics& statistics,
                    const std::vector<FileDigest>& digests);

/// The same as JSON; a homophily that does not exist is null.
nlohmann::json to_json(const DatasetFiles& files, const DatasetStatistics& statistics,
                       const std::vector<FileDigest>& digests);

/// A table of all data sets, a line each: those that are there, then those that can be fetched. What is wrong with one
/// that cannot be read is added to `faults`.
std::string list_datasets(std::vector<std::string>& faults);

}  // namespace tapegrad
