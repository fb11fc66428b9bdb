// run.json of a run folder: what has to be known to use the model without its data, and to go on with it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "datasets/dataset.hpp"

namespace tapegrad {

struct RunDescription {
    std::string version;  ///< of the program that wrote it
    std::string dataset;  ///< its name
    std::int64_t nodes;
    std::int64_t feature_count;
    std::vector<std::string> class_names;
    std::string digest;           ///< of the data, so that a run is not gone on with on other data
    std::string backend;          ///< the name of what computes; "" in folders that do not tell
    std::string initial_weights;  ///< `digest_of_weights` of those that it began with; "" for random ones
    bool operator==(const RunDescription&) const = default;
};

/// Of a run that this program trains on `dataset`, from random weights; which backend computes it is not told.
RunDescription describe_run(const Dataset& dataset);

/// Throws ConfigError unless this program is of the version that wrote the run folder.
void check_version(const std::filesystem::path& folder, const RunDescription& description);

/// Writes FOLDER/run.json. Throws DataError when it cannot be written.
void write_run_description(const std::filesystem::path& folder, const RunDescription& description);

/// Reads FOLDER/run.json. Throws ConfigError for a folder without one and for one of another format, DataError for one
/// that is damaged.
RunDescription read_run_description(const std::filesystem::path& folder);

}  // namespace tapegrad
