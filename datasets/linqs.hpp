// Citation data sets in the form of the LINQS group (Sen et al., "Collective Classification in Network Data",
// AI Magazine 29(3), 2008).
#pragma once

#include <filesystem>

#include "datasets/dataset.hpp"

namespace tapegrad {

/// What to do with a citation from or to a paper that the content file does not have, as Citeseer's files contain.
enum class UnknownPaper { reject, skip };

/// Reads a .content file, a paper a line (id, a number for each word, class), and a .cites file, a citation a line
/// (id of the cited paper, id of the citing paper); fields are separated by tabs or spaces. Classes are numbered in
/// alphabetical order. There is no split in this form: train, validation and test are empty.
///
/// Throws DataError, naming file and line, for a file that is missing, empty or malformed, a paper that comes twice,
/// a value that is not finite, and a citation of an unknown paper unless these are skipped.
Dataset load_linqs(const std::filesystem::path& content_file, const std::filesystem::path& cites_file,
                   UnknownPaper unknown = UnknownPaper::reject);

/// Writes FOLDER/NAME.content and FOLDER/NAME.cites, NAME being that of the data set, making the folder if needed. What
/// the form cannot hold is lost: the split, the order of the classes, and classes that no paper has; `load_linqs` gives
/// the rest back. Throws as `check` does, and DataError for a paper without label, a name that is empty or holds a
/// blank, a table of 2 GiB or more, and a file that cannot be written.
void write_linqs(const Dataset& dataset, const std::filesystem::path& folder);

}  // namespace tapegrad
