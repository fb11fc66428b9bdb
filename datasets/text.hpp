// The project's own form of a graph: a folder with papers.tsv and citations.tsv, text that a person can read and write
// and git can diff. datasets/README.md describes it.
#pragma once

#include <filesystem>

#include "datasets/dataset.hpp"

namespace tapegrad {

/// Reads FOLDER/papers.tsv and FOLDER/citations.tsv; the data set is named after the folder. If FOLDER/SHA256SUMS
/// exists, both files must match it.
///
/// Throws DataError or IndexError, naming file and line, for a file that is missing, altered or malformed, a class,
/// split or cited paper that is not known, a paper that comes twice, and a word that is out of range, out of order or
/// has a value that is not finite.
Dataset load_text(const std::filesystem::path& folder);

/// Writes both files and SHA256SUMS, making the folder if needed; each file is written whole or not at all. `load_text`
/// gives the same data set back, but for the name. Throws as `check` does, and DataError for a name that the form
/// cannot hold and for a file that cannot be written.
void write_text(const Dataset& dataset, const std::filesystem::path& folder);

}  // namespace tapegrad
