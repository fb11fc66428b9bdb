// From one form of a data set to another.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/load.hpp"

namespace tapegrad {

/// Writes `dataset` in that form into the folder `destination`, which appears whole or not at all, and reads it back.
/// Returns what the form could not keep, a sentence each.
///
/// Throws ConfigError for a destination that is there, unless it is an empty folder or `overwrite` is set and it holds
/// nothing but one data set; DataError for what the form cannot hold, and if the folder cannot be written.
std::vector<std::string> convert_dataset(const Dataset& dataset, DatasetForm form,
                                         const std::filesystem::path& destination, bool overwrite);

}  // namespace tapegrad
