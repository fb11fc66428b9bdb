// SHA-256 (FIPS 180-4) and the SHA256SUMS file that guards a data set against silent changes.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tapegrad {

/// The SHA-256 of `bytes` as 64 lower-case hexadecimal digits.
std::string sha256(std::string_view bytes);

struct NamedContent {
    std::string name;  ///< a file name without folder
    std::string_view content;
};

/// The text of a SHA256SUMS file, a line "DIGEST  NAME" for each file: what `sha256sum` prints and checks.
std::string checksum_lines(const std::vector<NamedContent>& files);

/// Compares each file with its line in FOLDER/SHA256SUMS. Does nothing if there is no such file. Throws DataError for
/// a content that differs, a file without a line, and a line that is not "DIGEST  NAME". Other files may have lines.
void verify_checksums(const std::filesystem::path& folder, const std::vector<NamedContent>& files);

}  // namespace tapegrad
