// Whole files in and out, with errors that say what to do.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace tapegrad {

/// The content of a regular file. Throws DataError if it is missing, cannot be read, or has 2 GiB or more: below that
/// everything counted in a data file fits a 32-bit index.
std::string read_file(const std::filesystem::path& file);

/// Writes a temporary file FILE.part and renames it, so that `file` holds the old content or the new, never half of it,
/// also when several processes write it. A symbolic link stays, and what it stands for is written. Throws DataError if
/// that fails.
void write_file(const std::filesystem::path& file, std::string_view content);

/// The same, and the content is on the disk when it returns: a file that has to survive the loss of power. Takes
/// milliseconds.
void write_file_durably(const std::filesystem::path& file, std::string_view content);

/// Gives a file that is on the disk another name in its folder, in place of whatever had that name; the disk knows it
/// by that when this returns. Throws DataError if that fails.
void rename_durably(const std::filesystem::path& file, const std::filesystem::path& name);

}  // namespace tapegrad
